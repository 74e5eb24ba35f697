#include "malaposta/server.hpp"

#include <boost/json.hpp>
#include <utility>

#include "embed/running.hpp"
#include "embed/scenario.hpp"
#include "malaposta/error.hpp"
#include "scenario/expectations.hpp"
#include "scenario/fault.hpp"

namespace malaposta {

namespace {

boost::json::object object_of(const Fault& fault) {
  boost::json::object object{{"code", fault.code}};
  if (!fault.at.empty()) object["at"] = boost::json::array(fault.at.begin(), fault.at.end());
  if (fault.times) object["times"] = *fault.times;
  boost::json::object match;
  for (const auto& [subject, pattern] : fault.match) match[subject] = pattern;
  if (!match.empty()) object["match"] = std::move(match);
  return object;
}

}  // namespace

Server::Server(std::shared_ptr<Journal::Running> running) : running_(std::move(running)) {}
Server::Server(Server&& other) noexcept = default;
Server::~Server() {
  if (running_) running_->stop();
}

Server& Server::operator=(Server&& other) noexcept {
  if (this == &other) return *this;
  if (running_) running_->stop();
  running_ = std::move(other.running_);
  return *this;
}

Server Server::start(const Scenario& scenario, const ServerOptions& options) {
  try {
    return Server(std::make_shared<Journal::Running>(scenario.impl_->scenario, options));
  } catch (const std::runtime_error& error) {
    throw StartError(error.what());
  }
}

const std::string& Server::host() const noexcept { return running_->listener.endpoint.address; }
std::uint16_t Server::port() const noexcept { return running_->listener.endpoint.port; }
const std::string& Server::url() const noexcept { return running_->url; }
const std::string& Server::ca_pem() const noexcept { return running_->ca_pem; }
const std::string& Server::ca_file() const noexcept { return running_->ca_file.path(); }

Journal Server::journal() const { return Journal(running_); }

Verdict Server::verify(std::chrono::milliseconds timeout) const { return running_->verify(running_->scenario, timeout); }

Verdict Server::verify(const std::string& expect, std::chrono::milliseconds timeout) const {
  std::vector<std::string> rules;
  for (const scenario::Rule& rule : running_->scenario->model().rules) rules.push_back(rule.id.value);
  std::string problems;
  const scenario::ScenarioPtr judged = scenario::with_expectations(*running_->scenario, expect, rules, problems);
  if (!judged) throw ScenarioError(problems);
  return running_->verify(judged, timeout);
}

std::uint64_t Server::arm(const Fault& fault) {
  std::string problem;
  const scenario::ScenarioPtr rules = scenario::fault_of(object_of(fault), problem);
  if (!rules) throw ScenarioError(problem);
  const auto id = running_->server.additions().add(rules, running_->server.seed());
  if (!id) throw ScenarioError(std::to_string(scenario::Additions::kMost) + " faults are armed already: disarm some first");
  return *id;
}

bool Server::disarm(std::uint64_t fault) { return running_->server.additions().remove(fault); }
void Server::disarm() { (void)running_->server.additions().clear(); }

void Server::reset() { running_->reset(); }
void Server::stop() { running_->stop(); }

}  // namespace malaposta
