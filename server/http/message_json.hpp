// Messages in the JSON that Mailpit's clients know.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <cstddef>
#include <vector>

#include "http/api.hpp"
#include "http/captured.hpp"
#include "http/mail_index.hpp"

namespace malaposta::http {

// A line of a list.
boost::json::object line_of(const Indexed& message, const Api& api);

// A page of the inbox, beginning behind `start` newer ones of `total`. As a list of all messages has it: what is counted are all.
boost::json::object list_of(const std::vector<IndexedPtr>& page, std::size_t total, std::size_t start, const Api& api);

// Those that are known.
boost::json::array tags_of(journal::MessageId id, const Api& api);

// One message, taken apart.
boost::json::object whole_of(const Captured& message, const Api& api);

// An answer with an entity tag.
Response tagged_json(const boost::json::object& object);

// The answer of Mailpit to what was done: "ok".
Response done();

}  // namespace malaposta::http
