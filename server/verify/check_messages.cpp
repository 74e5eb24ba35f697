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

std::string_view mail_line(const Evidence& evidence, const Transaction& one) {
  return evidence.sessions[one.session].events[one.first].text;
}

// BODY=BINARYMIME: the content is no text of lines (RFC 3030 section 3).
bool is_binary(const Evidence& evidence, const Transaction& one) {
  const protocol::Command command = protocol::parse_command(mail_line(evidence, one));
  const auto argument = protocol::parse_mail_argument(command.argument, protocol::Syntax::tolerant, true);
  const auto body = protocol::find_parameter(argument.parameters, "BODY");
  return body && protocol::equals_ignoring_case(body->value, "BINARYMIME");
}

// The same of content that is text.
template <typename Wrong>
std::vector<Breach> of_text(const Evidence& evidence, const std::vector<Transaction>& all, Wrong wrong) {
  std::vector<Transaction> texts;
  std::copy_if(all.begin(), all.end(), std::back_inserter(texts), [&](const Transaction& one) { return !is_binary(evidence, one); });
  return of_content(texts, wrong);
}

// Another message to the same people is no retry: where content tells, it does, and otherwise MAIL, with the size that it may declare.
bool is_another(const Evidence& evidence, const Transaction& before, const Transaction& now) {
  if (before.message != nullptr && now.message != nullptr) return before.message->content != now.message->content;
  return mail_line(evidence, before) != mail_line(evidence, now);
}

// Later tries of the same envelope, each beside the one before.
template <typename Wrong>
std::vector<Breach> of_tries(const std::vector<Transaction>& all, Wrong wrong) {
  std::vector<Breach> found;
  for (std::size_t i = 1; i < all.size(); ++i)
    for (std::size_t j = i; j-- > 0;) {
      if (all[j].mail != all[i].mail || all[j].paths() != all[i].paths()) continue;
      std::string detail = wrong(all[j], all[i]);
      if (!detail.empty()) found.push_back({all[i].session, all[i].first, std::move(detail)});
      break;
    }
  return found;
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
  std::vector<Breach> found = of_content(all, [](const std::string& content) {
    const auto at = std::find_if(content.begin(), content.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x80; });
    return at == content.end()
               ? std::string{}
               : fmt::format("octet 0x{:02X} at byte {} of the content", static_cast<unsigned char>(*at), at - content.begin());
  });
  const auto declared = [&](const Breach& breach) {
    const auto one = std::find_if(all.begin(), all.end(),
                                  [&](const Transaction& each) { return each.session == breach.session && each.last == breach.event; });
    const std::string line = scenario::to_lower(evidence.sessions[one->session].events[one->first].text);
    return line.find("body=8bitmime") != std::string::npos || line.find("body=binarymime") != std::string::npos ||
           line.find("smtputf8") != std::string::npos;
  };
  std::erase_if(found, declared);
  return found;
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
  return of_tries(all, [](const Transaction& before, const Transaction& now) {
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
  return of_tries(all, [&](const Transaction& before, const Transaction& now) {
    const int code = before.outcome();
    // What asks for a login is mended by one; that it was is told by its not being said again.
    const bool mended = code == 530 && now.outcome() != 530;
    return code / 100 == 5 && !mended && !is_another(evidence, before, now) ? fmt::format("the same envelope after {}", code)
                                                                            : std::string{};
  });
}

// A message that the server has kept, though its reply never came: to send it again is right, and makes two of it.
std::vector<Breach> duplicate_after_lost_reply(const Evidence&, const std::vector<Transaction>& all) {
  return of_tries(all, [&](const Transaction& before, const Transaction& now) {
    const bool kept = before.message != nullptr && before.message->captured && before.final_code == 0;
    const bool same = kept && now.message != nullptr && before.message->content == now.message->content;
    return same ? std::string("the same message again, which was kept the first time, without a reply") : std::string{};
  });
}

std::vector<Breach> size_exceeded(const Evidence& evidence, const std::vector<Transaction>& all) {
  std::vector<Breach> found;
  for (const Transaction& one : all) {
    if (one.message == nullptr) continue;
    const protocol::Command command = protocol::parse_command(evidence.sessions[one.session].events[one.first].text);
    const auto argument = protocol::parse_mail_argument(command.argument, protocol::Syntax::tolerant, true);
    const auto size = protocol::find_parameter(argument.parameters, "SIZE");
    std::uint64_t declared = 0;
    if (!size || std::from_chars(size->value.data(), size->value.data() + size->value.size(), declared).ec != std::errc()) continue;
    const std::uint64_t sent = one.message->content.size();
    if (sent > declared) found.push_back({one.session, one.first, fmt::format("SIZE={} declared, {} octets sent", declared, sent)});
  }
  return found;
}

std::vector<Breach> temporary_failure_hammered(const Evidence& evidence, const std::vector<Transaction>& all) {
  return of_tries(all, [&](const Transaction& before, const Transaction& now) {
    const auto gap = now.begun - before.ended;
    const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(gap).count();
    const bool hasty = before.outcome() / 100 == 4 && gap < kHasty && !is_another(evidence, before, now);
    return hasty ? fmt::format("again {} ms after {}", milliseconds, before.outcome()) : std::string{};
  });
}

// A client of an older kind of server comes back with HELO on the same connection or on another.
std::vector<Breach> helo_not_tried(const Evidence& evidence, const std::vector<Transaction>&) {
  std::vector<Breach> found;
  for (std::size_t i = 0; i < evidence.sessions.size(); ++i)
    for (const Exchange& exchange : exchanges(evidence.sessions[i])) {
      if (exchange.what != Exchange::What::command) continue;
      if (exchange.verb == protocol::Verb::helo) return {};
      if (exchange.verb == protocol::Verb::ehlo && (exchange.code == 500 || exchange.code == 502) && found.empty())
        found.push_back({i, exchange.event, {}});
    }
  return found;
}

}  // namespace malaposta::verify::checks
