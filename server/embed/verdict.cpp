#include "malaposta/verdict.hpp"

#include <ostream>

namespace malaposta {

std::ostream& operator<<(std::ostream& stream, const Verdict& verdict) { return stream << verdict.explanation; }

}  // namespace malaposta
