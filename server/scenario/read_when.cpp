// The conditions of a rule: `when`.
#include "scenario/read_values.hpp"
#include "scenario/tables.hpp"

namespace malaposta::scenario {

namespace {

using Conditions = std::vector<Condition>;

bool read(Reading& reading, const Node& node, Condition& into, const Shape<TextPattern>& shape) {
  return take(reading, shape, node, into.text);
}
bool read(Reading& reading, const Node& node, Condition& into, const Shape<NumberPattern>& shape) {
  return take(reading, shape, node, into.number);
}
bool read(Reading& reading, const Node& node, Condition& into, const Shape<bool>& shape) { return take(reading, shape, node, into.flag); }

template <Subject kSubject, const auto& kShape>
constexpr Field<Conditions> on(std::string_view doc) {
  return {kSubjectKeys[static_cast<std::size_t>(kSubject)], doc, kShape.schema,
          [](Reading& reading, const Node& key, const Node& value, Conditions& conditions) {
            Condition condition;
            condition.subject = kSubject;
            condition.place = key.place;
            if (const std::size_t dot = key.text.find('.'); dot != std::string::npos) condition.name = key.text.substr(dot + 1);
            if (read(reading, value, condition, kShape)) conditions.push_back(std::move(condition));
          }};
}

constexpr std::array kFields{
    on<Subject::ip, kTextPattern>("The peer's address, or a network that it is in (192.0.2.0/24)"),
    on<Subject::port, kNumberPattern>("The local port"),
    on<Subject::helo, kTextPattern>("The name given with HELO, EHLO or LHLO"),
    on<Subject::mail, kTextPattern>("The reverse path"),
    on<Subject::rcpt, kTextPattern>("This recipient"),
    on<Subject::user, kTextPattern>("The identity given with AUTH"),
    on<Subject::mechanism, kTextPattern>("The mechanism of AUTH"),
    on<Subject::sni, kTextPattern>("The TLS server name"),
    on<Subject::command, kTextPattern>("The raw command line"),
    on<Subject::argument, kTextPattern>("What follows the command's verb"),
    on<Subject::param, kTextPattern>("One ESMTP parameter of MAIL or RCPT, such as param.SIZE"),
    on<Subject::header, kTextPattern>("A header field's value, at end-of-data"),
    on<Subject::body, kTextPattern>("The decoded text, at end-of-data"),
    on<Subject::size, kNumberPattern>("Bytes of content"),
    on<Subject::rcpts, kNumberPattern>("Recipients so far"),
    on<Subject::connection, kNumberPattern>("Ordinal of the connection in the scenario, from 1"),
    on<Subject::transaction, kNumberPattern>("Ordinal of the transaction in the connection, from 1"),
    on<Subject::attempt, kNumberPattern>("Ordinal of this transaction under the rule's key, from 1"),
    on<Subject::step, kNumberPattern>("Ordinal of the client's line in the AUTH exchange; the command is 1"),
    on<Subject::tls, kFlag>("Whether the connection is encrypted"),
    on<Subject::authenticated, kFlag>("Whether AUTH has succeeded"),
    on<Subject::pipelined, kFlag>("Whether the command came before the reply to the one before it"),
    on<Subject::state, kTextPattern>("The scenario's state, which starts as 'start'"),
};
constexpr Table<Conditions> kTable{"when", "Conditions, all of which must hold", kFields};

}  // namespace

bool read_conditions(Reading& reading, const Node& node, std::vector<Condition>& into) { return read_mapping<kTable>(reading, node, into); }
boost::json::object conditions_schema(Definitions& definitions) { return schema_of<kTable>(definitions); }

}  // namespace malaposta::scenario
