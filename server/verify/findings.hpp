// The checks behind the findings. A check of a session returns the event that shows the breach, the first one; a check over
// all transactions returns one breach for each transaction that has it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "catalogue/findings.hpp"
#include "verify/verdict.hpp"

namespace malaposta::verify {

struct SessionView {
  const scenario::Scenario& scenario;
  const SessionRecord& record;
  std::vector<Exchange> exchanges;
};

struct Breach {
  std::size_t session = 0, event = 0;
  std::string detail;  // empty: the event itself says it
};

using SessionCheck = std::optional<std::size_t> (*)(const SessionView&);
using AllCheck = std::vector<Breach> (*)(const Evidence&, const std::vector<Transaction>&);

// The ids that find() looks for, sorted.
std::vector<std::string_view> checked_findings();

namespace checks {

// The first command with that deviation from the grammar.
std::optional<std::size_t> deviating(const SessionView& session, protocol::Deviations deviation);
template <protocol::Deviation kDeviation>
std::optional<std::size_t> deviates(const SessionView& session) {
  return deviating(session, kDeviation);
}

// Whether the last positive reply to EHLO before that exchange has the keyword (check_extensions.cpp).
bool offered(const SessionView& session, std::size_t before, std::string_view keyword);

// Whether it is an AUTH whose mechanism shows the password, or the token, to whoever reads it (check_extensions.cpp).
bool tells_password(const Exchange& exchange);

// The order of commands (check_order.cpp).
std::optional<std::size_t> bdat_without_last(const SessionView& session);
std::optional<std::size_t> command_too_long(const SessionView& session);
std::optional<std::size_t> command_after_421(const SessionView& session);
std::optional<std::size_t> content_after_refused_data(const SessionView& session);
std::optional<std::size_t> content_before_354(const SessionView& session);
std::optional<std::size_t> data_without_recipient(const SessionView& session);
std::optional<std::size_t> early_talker(const SessionView& session);
std::vector<Breach> helo_not_tried(const Evidence& evidence, const std::vector<Transaction>& all);
std::optional<std::size_t> mail_before_hello(const SessionView& session);
std::optional<std::size_t> nested_mail(const SessionView& session);
std::optional<std::size_t> no_quit(const SessionView& session);
std::optional<std::size_t> pipelining_not_offered(const SessionView& session);
std::optional<std::size_t> pipelining_past_group_end(const SessionView& session);
std::optional<std::size_t> rcpt_before_mail(const SessionView& session);
std::optional<std::size_t> unknown_command(const SessionView& session);

// Extensions, TLS and AUTH (check_extensions.cpp).
std::optional<std::size_t> auth_after_auth(const SessionView& session);
std::optional<std::size_t> bad_base64(const SessionView& session);
std::vector<Breach> clear_after_refused_starttls(const Evidence& evidence, const std::vector<Transaction>& all);
std::optional<std::size_t> ehlo_not_repeated(const SessionView& session);
std::optional<std::size_t> password_in_clear(const SessionView& session);
std::optional<std::size_t> size_not_declared(const SessionView& session);
std::optional<std::size_t> size_over_limit(const SessionView& session);
std::optional<std::size_t> starttls_in_tls(const SessionView& session);
std::optional<std::size_t> unoffered_parameter(const SessionView& session);
std::optional<std::size_t> utf8_address(const SessionView& session);
std::optional<std::size_t> xoauth2_error_unanswered(const SessionView& session);

// Waiting for replies (check_patience.cpp).
std::optional<std::size_t> gave_up_too_soon(const SessionView& session);

// What came from outside, what was left in clear, and certificates (check_trust.cpp).
std::optional<std::size_t> certificate_not_verified(const SessionView& session);
std::optional<std::size_t> clear_behind_starttls(const SessionView& session);
std::optional<std::size_t> content_ended_early(const SessionView& session);
std::optional<std::size_t> dots_not_stuffed(const SessionView& session);
std::optional<std::size_t> line_end_in_address(const SessionView& session);
std::optional<std::size_t> login_without_verified_certificate(const SessionView& session);

// Messages, and trying again (check_messages.cpp).
std::vector<Breach> bare_cr_in_content(const Evidence& evidence, const std::vector<Transaction>& all);
std::vector<Breach> bare_lf_in_content(const Evidence& evidence, const std::vector<Transaction>& all);
std::vector<Breach> duplicate_after_lost_reply(const Evidence& evidence, const std::vector<Transaction>& all);
std::vector<Breach> duplicate_header(const Evidence& evidence, const std::vector<Transaction>& all);
std::vector<Breach> eight_bit_without_8bitmime(const Evidence& evidence, const std::vector<Transaction>& all);
std::vector<Breach> line_too_long(const Evidence& evidence, const std::vector<Transaction>& all);
std::vector<Breach> message_id_changed(const Evidence& evidence, const std::vector<Transaction>& all);
std::vector<Breach> missing_date(const Evidence& evidence, const std::vector<Transaction>& all);
std::vector<Breach> missing_from(const Evidence& evidence, const std::vector<Transaction>& all);
std::vector<Breach> missing_message_id(const Evidence& evidence, const std::vector<Transaction>& all);
std::vector<Breach> nul_in_content(const Evidence& evidence, const std::vector<Transaction>& all);
std::vector<Breach> permanent_failure_retried(const Evidence& evidence, const std::vector<Transaction>& all);
std::vector<Breach> size_exceeded(const Evidence& evidence, const std::vector<Transaction>& all);
std::vector<Breach> temporary_failure_hammered(const Evidence& evidence, const std::vector<Transaction>& all);

}  // namespace checks

}  // namespace malaposta::verify
