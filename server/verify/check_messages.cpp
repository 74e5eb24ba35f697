// Checks of the messages themselves, and of sending them again.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
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

std::vector<Breach> bare_lf_in_content(const Evidence&, const std::vector<Transaction>& all) {
  return of_content(all, [](const std::string& content) {
    for (std::size_t at = 0; (at = content.find('\n', at)) != std::string::npos; ++at)
      if (at == 0 || content[at - 1] != '\r') return fmt::format("LF without CR at byte {} of the content", at);
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

std::vector<Breach> line_too_long(const Evidence&, const std::vector<Transaction>& all) {
  return of_content(all, [](const std::string& content) {
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

std::vector<Breach> nul_in_content(const Evidence&, const std::vector<Transaction>& all) {
  return of_content(all, [](const std::string& content) {
    const std::size_t at = content.find('\0');
    return at == std::string::npos ? std::string{} : fmt::format("NUL at byte {} of the content", at);
  });
}

std::vector<Breach> permanent_failure_retried(const Evidence&, const std::vector<Transaction>& all) {
  return of_tries(all, [](const Transaction& before, const Transaction& now) {
    const int code = before.outcome();
    // Another message to the same people is no retry.
    const bool another = before.message != nullptr && now.message != nullptr && before.message->content != now.message->content;
    return code / 100 == 5 && !another ? fmt::format("the same envelope after {}", code) : std::string{};
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

std::vector<Breach> temporary_failure_hammered(const Evidence&, const std::vector<Transaction>& all) {
  return of_tries(all, [](const Transaction& before, const Transaction& now) {
    const auto gap = now.begun - before.ended;
    const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(gap).count();
    return before.outcome() / 100 == 4 && gap < kHasty ? fmt::format("again {} ms after {}", milliseconds, before.outcome())
                                                       : std::string{};
  });
}

}  // namespace malaposta::verify::checks
