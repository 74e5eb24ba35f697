#include "malaposta/journal.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "embed/running.hpp"
#include "protocol/command.hpp"
#include "protocol/grammar.hpp"
#include "report/report.hpp"

namespace malaposta {

namespace {

constexpr std::array kEnds{SessionEnd::open,          SessionEnd::quit,         SessionEnd::server_closed, SessionEnd::server_reset,
                           SessionEnd::client_closed, SessionEnd::client_reset, SessionEnd::timed_out,     SessionEnd::shut_down};
static_assert(kEnds.size() == static_cast<std::size_t>(journal::End::shut_down) + 1);

Command command_of(const verify::SessionRecord& session, const verify::Exchange& exchange) {
  using protocol::Verb;
  Command command;
  command.session = session.id;
  command.at = session.events[exchange.event].at;
  command.line = exchange.line;
  command.verb = exchange.verb == Verb::unknown ? std::string(exchange.line.substr(0, exchange.line.find(' ')))
                                                : std::string(protocol::name(exchange.verb));
  command.content = exchange.what == verify::Exchange::What::content;
  command.reply = exchange.reply;
  command.code = exchange.code;
  return command;
}

Session session_of(const verify::SessionRecord& record) {
  Session session;
  session.id = record.id, session.peer = record.peer;
  session.opened = record.opened, session.closed = record.closed;
  session.end = kEnds.at(static_cast<std::size_t>(record.end));
  session.complete = record.complete;
  for (verify::Exchange& exchange : verify::exchanges(record)) {
    if (exchange.what == verify::Exchange::What::connect)
      session.greeting = std::move(exchange.reply);
    else
      session.commands.push_back(command_of(record, exchange));
  }
  return session;
}

}  // namespace

std::optional<std::string> Message::header(std::string_view name) const { return verify::header_field(content, name); }

std::string_view Message::body() const {
  const std::size_t end = content.find("\r\n\r\n");
  return end == std::string::npos ? std::string_view{} : std::string_view(content).substr(end + 4);
}

Journal::Journal(std::shared_ptr<Running> running) : running_(std::move(running)) {}

std::vector<Session> Journal::sessions() const {
  std::vector<Session> all;
  for (const verify::SessionRecord& record : running_->evidence().sessions) all.push_back(session_of(record));
  return all;
}

std::vector<Command> Journal::commands() const {
  std::vector<Command> all;
  for (Session& session : sessions()) std::ranges::move(session.commands, std::back_inserter(all));
  std::ranges::stable_sort(all, {}, &Command::at);
  return all;
}

std::vector<Message> Journal::messages() const {
  std::vector<Message> all;
  for (verify::MessageRecord& one : running_->evidence().messages)
    if (one.captured)
      all.push_back(
          {one.id, one.session, one.at, std::move(one.reverse_path), std::move(one.recipients), std::move(one.content), one.acknowledged});
  return all;
}

std::string Journal::transcript() const { return report::transcript(running_->evidence()); }

bool Journal::wait_for_messages(std::size_t count, std::chrono::milliseconds timeout) const {
  return wait_until(
      [count](const Journal& journal) {
        return std::ranges::count_if(journal.running_->evidence().messages, &verify::MessageRecord::captured) >=
               static_cast<std::ptrdiff_t>(count);
      },
      timeout);
}

bool Journal::wait_for_sessions(std::size_t count, std::chrono::milliseconds timeout) const {
  return wait_until(
      [count](const Journal& journal) {
        return std::ranges::count_if(journal.running_->evidence().sessions, [](const verify::SessionRecord& one) {
                 return one.end != journal::End::open;
               }) >= static_cast<std::ptrdiff_t>(count);
      },
      timeout);
}

bool Journal::wait_until(const std::function<bool(const Journal&)>& condition, std::chrono::milliseconds timeout) const {
  return running_->wait(Running::Clock::now() + timeout, false, [&] { return condition(*this); });
}

}  // namespace malaposta
