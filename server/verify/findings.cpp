// What the client did against the rules of SMTP: one table of checks. Those of one session look at its exchanges; those of
// messages and of tries look at all transactions. catalogue::findings() says what each is and how it is mended.
#include "verify/findings.hpp"

#include <algorithm>
#include <iterator>

#include "verify/excerpt.hpp"

namespace malaposta::verify {

namespace {

struct Row {
  std::string_view id;
  SessionCheck session;  // one of the two
  AllCheck all;
};

constexpr Row kRows[] = {
    {"auth-after-auth", checks::auth_after_auth, nullptr},
    {"bad-base64", checks::bad_base64, nullptr},
    {"bare-cr", checks::deviates<protocol::kBareCarriageReturn>, nullptr},
    {"bare-cr-in-content", nullptr, checks::bare_cr_in_content},
    {"bare-lf", checks::deviates<protocol::kBareLineFeed>, nullptr},
    {"bare-lf-in-content", nullptr, checks::bare_lf_in_content},
    {"bdat-without-last", checks::bdat_without_last, nullptr},
    {"certificate-not-verified", checks::certificate_not_verified, nullptr},
    {"clear-after-refused-starttls", nullptr, checks::clear_after_refused_starttls},
    {"clear-behind-starttls", checks::clear_behind_starttls, nullptr},
    {"command-after-421", checks::command_after_421, nullptr},
    {"command-too-long", checks::command_too_long, nullptr},
    {"content-after-refused-data", checks::content_after_refused_data, nullptr},
    {"content-before-354", checks::content_before_354, nullptr},
    {"content-ended-early", checks::content_ended_early, nullptr},
    {"control-character", checks::deviates<protocol::kControlCharacter>, nullptr},
    {"data-without-recipient", checks::data_without_recipient, nullptr},
    {"dots-not-stuffed", checks::dots_not_stuffed, nullptr},
    {"duplicate-after-lost-reply", nullptr, checks::duplicate_after_lost_reply},
    {"duplicate-header", nullptr, checks::duplicate_header},
    {"early-talker", checks::early_talker, nullptr},
    {"ehlo-not-repeated-after-starttls", checks::ehlo_not_repeated, nullptr},
    {"eight-bit-without-8bitmime", nullptr, checks::eight_bit_without_8bitmime},
    {"gave-up-too-soon", checks::gave_up_too_soon, nullptr},
    {"helo-not-tried", nullptr, checks::helo_not_tried},
    {"leading-space", checks::deviates<protocol::kExtraSpace>, nullptr},
    {"line-end-in-address", checks::line_end_in_address, nullptr},
    {"line-too-long", nullptr, checks::line_too_long},
    {"login-without-verified-certificate", checks::login_without_verified_certificate, nullptr},
    {"mail-before-hello", checks::mail_before_hello, nullptr},
    {"message-id-changed", nullptr, checks::message_id_changed},
    {"missing-brackets", checks::deviates<protocol::kMissingBrackets>, nullptr},
    {"missing-date", nullptr, checks::missing_date},
    {"missing-from", nullptr, checks::missing_from},
    {"missing-message-id", nullptr, checks::missing_message_id},
    {"nested-mail", checks::nested_mail, nullptr},
    {"no-quit", checks::no_quit, nullptr},
    {"nul-in-content", nullptr, checks::nul_in_content},
    {"odd-hello-name", checks::deviates<protocol::kOddHeloName>, nullptr},
    {"password-in-clear", checks::password_in_clear, nullptr},
    {"permanent-failure-retried", nullptr, checks::permanent_failure_retried},
    {"pipelining-not-offered", checks::pipelining_not_offered, nullptr},
    {"pipelining-past-group-end", checks::pipelining_past_group_end, nullptr},
    {"rcpt-before-mail", checks::rcpt_before_mail, nullptr},
    {"size-exceeded", nullptr, checks::size_exceeded},
    {"size-not-declared", checks::size_not_declared, nullptr},
    {"size-over-limit", checks::size_over_limit, nullptr},
    {"space-after-colon", checks::deviates<protocol::kSpaceAfterColon>, nullptr},
    {"starttls-in-tls", checks::starttls_in_tls, nullptr},
    {"temporary-failure-hammered", nullptr, checks::temporary_failure_hammered},
    {"trailing-space", checks::deviates<protocol::kTrailingSpace>, nullptr},
    {"unknown-command", checks::unknown_command, nullptr},
    {"unoffered-parameter", checks::unoffered_parameter, nullptr},
    {"utf8-address-without-smtputf8", checks::utf8_address, nullptr},
    {"xoauth2-error-unanswered", checks::xoauth2_error_unanswered, nullptr},
};

void add(std::vector<Finding>& found, const Evidence& evidence, std::string_view id, const Breach& breach) {
  const catalogue::FindingInfo* info = catalogue::find_finding(id);
  std::string detail = breach.detail.empty() ? line_of(evidence.sessions[breach.session].events[breach.event]) : breach.detail;
  found.push_back({info->id, info->severity, breach.session, breach.event, std::move(detail)});
}

}  // namespace

std::vector<std::string_view> checked_findings() {
  std::vector<std::string_view> ids;
  for (const Row& row : kRows) ids.push_back(row.id);
  return ids;
}

std::vector<Finding> find(const Evidence& evidence, const scenario::Scenario& scenario) {
  std::vector<Finding> found;
  for (std::size_t i = 0; i < evidence.sessions.size(); ++i) {
    // Where the beginning of a session is gone, what is left would mislead.
    if (!evidence.sessions[i].complete || evidence.sessions[i].events.empty()) continue;
    const SessionView view{scenario, evidence.sessions[i], exchanges(evidence.sessions[i])};
    for (const Row& row : kRows)
      if (row.session != nullptr)
        if (const std::optional<std::size_t> event = row.session(view)) add(found, evidence, row.id, {i, *event, {}});
  }
  const std::vector<Transaction> all = transactions(evidence);
  for (const Row& row : kRows)
    if (row.all != nullptr)
      for (const Breach& breach : row.all(evidence, all)) add(found, evidence, row.id, breach);
  std::stable_sort(found.begin(), found.end(), [&](const Finding& a, const Finding& b) {
    return evidence.sessions[a.session].events[a.event].at < evidence.sessions[b.session].events[b.event].at;
  });
  return found;
}

}  // namespace malaposta::verify
