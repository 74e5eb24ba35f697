// The arguments of MAIL and RCPT (RFC 5321 sections 4.1.1.2, 4.1.1.3 and 4.1.2): keyword, path and parameters, read
// from left to right by one reader. Where the grammar is left but the meaning is plain, tolerant mode notes a deviation
// and goes on; strict mode refuses at the same place.
#include <algorithm>

#include "protocol/command.hpp"
#include "protocol/grammar.hpp"
#include "protocol/octets.hpp"

namespace malaposta::protocol {
namespace {

using grammar::Fit;

class PathReader {
 public:
  PathReader(std::string_view argument, Verb verb, Syntax syntax, bool utf8) : text_(argument), verb_(verb), syntax_(syntax), utf8_(utf8) {}

  PathArgument read() {
    using Step = SyntaxError (PathReader::*)();
    for (const Step step :
         {&PathReader::controls, &PathReader::keyword, &PathReader::path, &PathReader::parameters, &PathReader::eight_bit})
      if (const auto error = (this->*step)(); error != SyntaxError::none) return {error, {}, {}, result_.deviations};
    return result_;
  }

 private:
  SyntaxError deviate(Deviation deviation, SyntaxError error) {
    result_.deviations |= deviation;
    return syntax_ == Syntax::strict ? error : SyntaxError::none;
  }

  SyntaxError judge(Fit fit, Deviation deviation, SyntaxError error) {
    if (fit == Fit::exact) return SyntaxError::none;
    return fit == Fit::odd ? deviate(deviation, error) : error;
  }

  bool at_end() const { return at_ == text_.size(); }
  bool at_blank() const { return !at_end() && grammar::is_blank(text_[at_]); }
  bool eat(char c) {
    if (at_end() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  bool eat_blanks() {
    const auto begin = at_;
    while (at_blank()) ++at_;
    return at_ != begin;
  }
  // Everything up to one of these characters, a blank or the end.
  template <char... kEnds>
  std::string_view word() {
    const auto begin = at_;
    while (!at_end() && !at_blank() && ((text_[at_] != kEnds) && ...)) ++at_;
    return text_.substr(begin, at_ - begin);
  }

  // Blanks at the end are to be tolerated (RFC 5321 section 4.1.1). A tab passes for a blank, no other control does.
  SyntaxError controls() {
    while (!text_.empty() && grammar::is_blank(text_.back())) {
      text_.remove_suffix(1);
      result_.deviations |= kTrailingSpace;
    }
    if (!has_control(text_)) return SyntaxError::none;
    bool tab = false;
    for (const char c : text_) {
      if (grammar::is_control(c) && c != '\t') return SyntaxError::control_character;
      tab |= c == '\t';
    }
    return tab ? deviate(kControlCharacter, SyntaxError::control_character) : SyntaxError::none;
  }

  SyntaxError keyword() {
    const std::string_view expected = verb_ == Verb::mail ? "FROM" : "TO";
    if (!equals_ignoring_case(word<':'>(), expected)) return SyntaxError::missing_keyword;
    if (eat_blanks()) {
      if (const auto error = deviate(kExtraSpace, SyntaxError::missing_keyword); error != SyntaxError::none) return error;
    }
    if (!eat(':')) return SyntaxError::missing_keyword;
    const bool blanks = eat_blanks();
    if (at_end()) return SyntaxError::missing_path;
    return blanks ? deviate(kSpaceAfterColon, SyntaxError::space_after_colon) : SyntaxError::none;
  }

  SyntaxError path() {
    const auto begin = at_;
    const bool brackets = eat('<');
    auto error = brackets ? padding(SyntaxError::bad_local_part) : deviate(kMissingBrackets, SyntaxError::missing_brackets);
    if (error != SyntaxError::none) return error;
    if (brackets && eat('>')) return verb_ == Verb::rcpt ? SyntaxError::empty_path : boundary();
    if (at_end()) return SyntaxError::unclosed_bracket;
    if ((error = source_route()) != SyntaxError::none) return error;
    if ((error = mailbox()) != SyntaxError::none) return error;
    if (brackets && (error = padding(SyntaxError::unclosed_bracket)) != SyntaxError::none) return error;
    if (brackets != eat('>')) return SyntaxError::unclosed_bracket;
    if ((error = boundary()) != SyntaxError::none) return error;
    return lengths(at_ - begin + (brackets ? 0 : 2));
  }

  // "< a@b >"
  SyntaxError padding(SyntaxError error) { return eat_blanks() ? deviate(kExtraSpace, error) : SyntaxError::none; }

  // "<a@b>SIZE=1"
  SyntaxError boundary() const { return at_end() || at_blank() ? SyntaxError::none : SyntaxError::bad_parameter; }

  // "@a,@b:", to be accepted and ignored (RFC 5321 appendix C). A lone "@a" is an address that lacks its local part.
  SyntaxError source_route() {
    if (at_end() || text_[at_] != '@') return SyntaxError::none;
    result_.deviations |= kSourceRoute;
    for (bool first = true; eat('@'); first = false) {
      const auto fit = grammar::domain(word<',', ':', '>'>());
      if (const auto error = judge(fit, kDotlessOrOddDomain, SyntaxError::bad_source_route); error != SyntaxError::none) return error;
      if (eat(':')) return SyntaxError::none;
      if (!eat(',')) return first ? SyntaxError::bad_local_part : SyntaxError::bad_source_route;
    }
    return SyntaxError::bad_source_route;
  }

  SyntaxError mailbox() {
    const auto begin = at_;
    if (const auto error = local_part(); error != SyntaxError::none) return error;
    result_.path.local_part = text_.substr(begin, at_ - begin);
    const auto error = eat('@') ? domain() : bare_name();
    result_.path.text = text_.substr(begin, at_ - begin);
    return error;
  }

  SyntaxError local_part() {
    const auto begin = at_;
    for (word<'"', '@', '>'>(); !at_end() && text_[at_] == '"'; word<'"', '@', '>'>()) {
      const auto length = grammar::quoted_string_length(text_.substr(at_));
      if (length == 0) return SyntaxError::bad_local_part;
      at_ += length;
    }
    return judge(grammar::local_part(text_.substr(begin, at_ - begin)), kOddLocalPart, SyntaxError::bad_local_part);
  }

  SyntaxError domain() {
    const auto begin = at_;
    if (eat('[')) {
      word<']'>();
      eat(']');
      result_.path.domain = text_.substr(begin, at_ - begin);
      const bool ended = at_end() || at_blank() || text_[at_] == '>';
      return ended && grammar::address_literal(result_.path.domain) ? SyntaxError::none : SyntaxError::bad_address_literal;
    }
    result_.path.domain = word<'>'>();
    return judge(grammar::domain(result_.path.domain), kDotlessOrOddDomain, SyntaxError::bad_domain);
  }

  // RCPT TO:<Postmaster> is the one path without a domain (RFC 5321 section 4.5.1).
  SyntaxError bare_name() {
    if (verb_ == Verb::rcpt && equals_ignoring_case(result_.path.local_part, "postmaster")) return SyntaxError::none;
    return deviate(kBareAddress, SyntaxError::bad_domain);
  }

  SyntaxError lengths(std::size_t path_length) {
    auto error = SyntaxError::none;
    if (path_length > grammar::kPathLimit) error = deviate(kTooLong, SyntaxError::path_too_long);
    if (result_.path.domain.size() > grammar::kDomainLimit) error = deviate(kTooLong, SyntaxError::domain_too_long);
    if (result_.path.local_part.size() > grammar::kLocalPartLimit) error = deviate(kTooLong, SyntaxError::local_part_too_long);
    return error;
  }

  SyntaxError parameters() {
    const auto blanks_begin = at_;
    eat_blanks();
    bool extra_space = at_ - blanks_begin > 1;
    result_.parameters = text_.substr(at_);
    ParameterWalk walk{result_.parameters};
    while (walk.next()) continue;
    if (walk.malformed()) return SyntaxError::bad_parameter;
    extra_space |= std::ranges::adjacent_find(result_.parameters, [](char a, char b) {
                     return grammar::is_blank(a) && grammar::is_blank(b);
                   }) != result_.parameters.end();
    return extra_space ? deviate(kExtraSpace, SyntaxError::bad_parameter) : SyntaxError::none;
  }

  SyntaxError eight_bit() {
    if (!has_eight_bit(text_)) return SyntaxError::none;
    if (utf8_ || (verb_ == Verb::mail && find_parameter(result_.parameters, "SMTPUTF8")))
      return grammar::valid_utf8(text_) ? SyntaxError::none : SyntaxError::invalid_utf8;
    return deviate(kEightBit, SyntaxError::eight_bit);
  }

  std::string_view text_;
  std::size_t at_ = 0;
  Verb verb_;
  Syntax syntax_;
  bool utf8_;
  PathArgument result_;
};

}  // namespace

PathArgument parse_mail_argument(std::string_view argument, Syntax syntax, bool utf8) {
  return PathReader{argument, Verb::mail, syntax, utf8}.read();
}

PathArgument parse_rcpt_argument(std::string_view argument, Syntax syntax, bool utf8) {
  return PathReader{argument, Verb::rcpt, syntax, utf8}.read();
}

}  // namespace malaposta::protocol
