// Checks of the messages themselves, and of sending them again.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <iterator>
#include <set>

#include "scenario/situation.hpp"
#include "verify/findings.hpp"

namespace malaposta::verify::checks {

namespace {

constexpr std::size_t kLongestLine = 1000;  // octets with CR LF (RFC 5321 section 4.5.3.1.6)
constexpr std::chrono::seconds kHasty{1};

// Fields that may stand once (RFC 5322 section 3.6).
constexpr std::string_view kOnce[] = {"date", "from",       "sender",      "reply-to",   "to",     "cc",
                                      "bcc",  "message-id", "in-reply-to", "references", "subject"};

// A breach for each transaction with content of which `wrong` tells something.
template <typename Wrong>
std::vector<Breach> of_content(const std::vector<Transaction>& all, Wrong wrong) {
  std::vector<Breach> found;
  for (const Transaction& one : all) {
    if (one.message == nullptr) continue;
    std::string detail = wrong(one.message->content);
    if (!detail.empty()) found.push_back({one.session, one.last, std::move(detail)});
  }
  return found;
}

// The value of a parameter of MAIL, in lower case; nothing where the client left it out.
std::optional<std::string> mail_parameter(const Evidence& evidence, const Transaction& one, std::string_view keyword) {
  const protocol::Command command = protocol::parse_command(evidence.sessions[one.session].events[one.first].text);
  const auto argument = protocol::parse_mail_argument(command.argument, protocol::Syntax::tolerant, true);
  const auto parameter = protocol::find_parameter(argument.parameters, keyword);
  return parameter ? std::optional(scenario::to_lower(parameter->value)) : std::nullopt;
}

// As of_content(), for what holds of text only: BODY=BINARYMIME has no lines (RFC 3030 section 3).
template <typename Wrong>
std::vector<Breach> of_text(const Evidence& evidence, const std::vector<Transaction>& all, Wrong wrong) {
  std::vector<Transaction> text;
  std::copy_if(all.begin(), all.end(), std::back_inserter(text),
               [&](const Transaction& one) { return mail_parameter(evidence, one, "BODY") != "binarymime"; });
  return of_content(text, wrong);
}

// MAIL and RCPT as the client wrote them.
std::vector<std::string_view> request(const Evidence& evidence, const Transaction& one) {
  std::vector<std::string_view> lines;
  const std::vector<Event>& events = evidence.sessions[one.session].events;
  for (std::size_t i = one.first; i <= one.last; ++i) {
    if (events[i].kind != Kind::command) continue;
    const protocol::Verb verb = protocol::parse_command(events[i].text).verb;
    if (verb == protocol::Verb::mail || verb == protocol::Verb::rcpt) lines.push_back(events[i].text);
  }
  return lines;
}

bool same_envelope(const Transaction& a, const Transaction& b) { return a.mail == b.mail && a.paths() == b.paths(); }

// Whether it is the same message again, as far as can be told: by its content, or by the request where that was refused before
// the content came. There, SIZE= and ENVID= tell messages apart, and a parameter that is gone is another request.
bool same_message(const Evidence& evidence, const Transaction& a, const Transaction& b) {
  if (!same_envelope(a, b)) return false;
  if (a.message != nullptr && b.message != nullptr) return a.message->content == b.message->content;
  return request(evidence, a) == request(evidence, b);
}

// Later tries, each beside the last one before that `same` holds of.
template <typename Same, typename Wrong>
std::vector<Breach> of_tries(const std::vector<Transaction>& all, Same same, Wrong wrong) {
  std::vector<Breach> found;
  for (std::size_t i = 1; i < all.size(); ++i)
    for (std::size_t j = i; j-- > 0;) {
      if (!same(all[j], all[i])) continue;
      std::string detail = wrong(all[j], all[i]);
      if (!detail.empty()) found.push_back({all[i].session, all[i].first, std::move(detail)});
      break;
    }
  return found;
}

// What stood when the transaction began: how many logins and handshakes had succeeded.
std::ptrdiff_t secured(const Evidence& evidence, const Transaction& one) {
  const std::vector<Event>& events = evidence.sessions[one.session].events;
  return std::count_if(events.begin(), events.begin() + static_cast<std::ptrdiff_t>(one.first),
                       [](const Event& event) { return event.kind == Kind::login || (event.kind == Kind::tls && event.code == 1); });
}

std::vector<Breach> missing(const std::vector<Transaction>& all, std::string_view field) {
  return of_content(all, [field](const std::string& content) {
    return header_field(content, field) ? std::string{} : fmt::format("no {} in the header", field);
  });
}

std::string text_of(const Transaction& one) {
  const std::size_t end = one.message->content.find("\r\n\r\n");
  return end == std::string::npos ? std::string{} : one.message->content.substr(end);
}

}  // namespace

std::vector<Breach> bare_lf_in_content(const Evidence& evidence, const std::vector<Transaction>& all) {
  return of_text(evidence, all, [](const std::string& content) {
    for (std::size_t at = 0; (at = content.find('\n', at)) != std::string::npos; ++at)
      if (at == 0 || content[at - 1] != '\r') return fmt::format("LF without CR at byte {} of the content", at);
    return std::string{};
  });
}

std::vector<Breach> bare_cr_in_content(const Evidence& evidence, const std::vector<Transaction>& all) {
  return of_text(evidence, all, [](const std::string& content) {
    for (std::size_t at = 0; (at = content.find('\r', at)) != std::string::npos; ++at)
      if (at + 1 == content.size() || content[at + 1] != '\n') return fmt::format("CR without LF at byte {} of the content", at);
    return std::string{};
  });
}

std::vector<Breach> duplicate_header(const Evidence&, const std::vector<Transaction>& all) {
  return of_content(all, [](const std::string& content) {
    std::set<std::string> seen;
    for (const auto& [field, value] : scenario::split_content(content).fields) {
      const std::string name = scenario::to_lower(field);
      if (std::find(std::begin(kOnce), std::end(kOnce), name) != std::end(kOnce) && !seen.insert(name).second)
        return fmt::format("{} stands twice", field);
    }
    return std::string{};
  });
}

std::vector<Breach> eight_bit_without_8bitmime(const Evidence& evidence, const std::vector<Transaction>& all) {
  std::vector<Transaction> undeclared;
  std::copy_if(all.begin(), all.end(), std::back_inserter(undeclared), [&](const Transaction& one) {
    return mail_parameter(evidence, one, "BODY") != "8bitmime" && !mail_parameter(evidence, one, "SMTPUTF8");
  });
  return of_text(evidence, undeclared, [](const std::string& content) {
    const auto at = std::find_if(content.begin(), content.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x80; });
    return at == content.end()
               ? std::string{}
               : fmt::format("octet 0x{:02X} at byte {} of the content", static_cast<unsigned char>(*at), at - content.begin());
  });
}

std::vector<Breach> line_too_long(const Evidence& evidence, const std::vector<Transaction>& all) {
  return of_text(evidence, all, [](const std::string& content) {
    for (std::size_t begin = 0; begin < content.size();) {
      const std::size_t end = std::min(content.find('\n', begin), content.size() - 1) + 1;
      if (end - begin > kLongestLine) return fmt::format("a line of {} octets", end - begin);
      begin = end;
    }
    return std::string{};
  });
}

std::vector<Breach> message_id_changed(const Evidence&, const std::vector<Transaction>& all) {
  return of_tries(all, same_envelope, [](const Transaction& before, const Transaction& now) {
    if (before.acknowledged || before.message == nullptr || now.message == nullptr || text_of(before) != text_of(now)) return std::string{};
    const auto first = header_field(before.message->content, "message-id"), second = header_field(now.message->content, "message-id");
    return first && second && *first != *second ? fmt::format("it was {}, and is {}", *first, *second) : std::string{};
  });
}

std::vector<Breach> missing_date(const Evidence&, const std::vector<Transaction>& all) { return missing(all, "Date"); }
std::vector<Breach> missing_from(const Evidence&, const std::vector<Transaction>& all) { return missing(all, "From"); }
std::vector<Breach> missing_message_id(const Evidence&, const std::vector<Transaction>& all) { return missing(all, "Message-ID"); }

std::vector<Breach> nul_in_content(const Evidence& evidence, const std::vector<Transaction>& all) {
  return of_text(evidence, all, [](const std::string& content) {
    const std::size_t at = content.find('\0');
    return at == std::string::npos ? std::string{} : fmt::format("NUL at byte {} of the content", at);
  });
}

std::vector<Breach> permanent_failure_retried(const Evidence& evidence, const std::vector<Transaction>& all) {
  const auto same = [&](const Transaction& a, const Transaction& b) { return same_message(evidence, a, b); };
  return of_tries(all, same, [&](const Transaction& before, const Transaction& now) {
    const int code = before.outcome();
    // 530 asks for a login, or for TLS (RFC 4954 section 6, RFC 3207 section 4).
    const bool mended = code == 530 && secured(evidence, now) > secured(evidence, before);
    return code / 100 == 5 && !mended ? fmt::format("the same envelope after {}", code) : std::string{};
  });
}

// A message that the server has kept, though its reply never came: to send it again is right, and makes two of it.
std::vector<Breach> duplicate_after_lost_reply(const Evidence& evidence, const std::vector<Transaction>& all) {
  const auto same = [&](const Transaction& a, const Transaction& b) { return same_message(evidence, a, b); };
  return of_tries(all, same, [](const Transaction& before, const Transaction& now) {
    const bool kept = before.message != nullptr && before.message->captured && before.final_code == 0;
    const bool same = kept && now.message != nullptr && before.message->content == now.message->content;
    return same ? std::string("the same message again, which was kept the first time, without a reply") : std::string{};
  });
}

std::vector<Breach> size_exceeded(const Evidence& evidence, const std::vector<Transaction>& all) {
  std::vector<Breach> found;
  for (const Transaction& one : all) {
    if (one.message == nullptr) continue;
    const std::optional<std::string> size = mail_parameter(evidence, one, "SIZE");
    std::uint64_t declared = 0;
    if (!size || std::from_chars(size->data(), size->data() + size->size(), declared).ec != std::errc()) continue;
    const std::uint64_t sent = one.message->content.size();
    if (sent > declared) found.push_back({one.session, one.first, fmt::format("SIZE={} declared, {} octets sent", declared, sent)});
  }
  return found;
}

std::vector<Breach> temporary_failure_hammered(const Evidence& evidence, const std::vector<Transaction>& all) {
  const auto same = [&](const Transaction& a, const Transaction& b) { return same_message(evidence, a, b); };
  return of_tries(all, same, [](const Transaction& before, const Transaction& now) {
    const auto gap = now.begun - before.ended;
    const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(gap).count();
    return before.outcome() / 100 == 4 && gap < kHasty ? fmt::format("again {} ms after {}", milliseconds, before.outcome())
                                                       : std::string{};
  });
}

}  // namespace malaposta::verify::checks
