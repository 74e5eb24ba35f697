// How the server presents itself: `server`.
#include <fmt/format.h>
#include <boost/json/array.hpp>

#include <unordered_map>

#include "scenario/read_values.hpp"
#include "scenario/tables.hpp"

namespace malaposta::scenario {

namespace json = boost::json;

namespace {

using Section = ServerSection;

constexpr auto kListens =
    words<Listen>("way to listen", {{"accept", Listen::accept}, {"refuse", Listen::refuse}, {"ignore", Listen::ignore}});
constexpr auto kProtocols = words<bool>("protocol", {{"smtp", false}, {"lmtp", true}});
constexpr auto kProxies = words<protocol::Proxy>(
    "PROXY header",
    {{"none", protocol::Proxy::none}, {"v1", protocol::Proxy::v1}, {"v2", protocol::Proxy::v2}, {"any", protocol::Proxy::any}});
constexpr auto kSyntaxes = words<bool>("syntax", {{"tolerant", false}, {"strict", true}});

constexpr std::array kExtensionFields{
    field<&Section::size, kCount>("size", "The largest message that SIZE declares; 0: none is declared"),
    field<&Section::mechanisms, kAnyNumber<Text, kLine>>("auth", "The mechanisms that AUTH offers; none: AUTH is not offered"),
    field<&Section::without, kAnyNumber<Text, kLine>>("without", "Keywords that are left out of the default set"),
    field<&Section::extra, kAnyNumber<Text, kLine>>("extra", "Lines that are offered too, and not honoured"),
};
constexpr Table<Section> kExtensions{"extensions", "Changes of the default set of extensions", kExtensionFields};

void read_extensions(Reading& reading, const Node&, const Node& value, Section& into) {
  if (value.is_list())
    take(reading, kListOf<Text, kLine>, value, into.keywords.emplace());
  else if (!read_mapping<kExtensions>(reading, value, into))
    tell_unexpected(reading, value, "a list of EHLO keywords, or a mapping that changes the default set");
}
json::object extensions_schema(Definitions& definitions) {
  return {{"oneOf", {kListOf<Text, kLine>.schema(definitions), schema_of<kExtensions>(definitions)}}};
}

constexpr std::array kAuthFields{
    field<&Section::users, kNames>("users", "Names and passwords; without users every login succeeds"),
    field<&Section::auth_required, kFlag>("required", "Whether MAIL is refused before AUTH"),
};
constexpr Table<Section> kAuth{"auth", "Who may log in", kAuthFields};

constexpr std::array kLimitFields{
    field<&Section::recipients, kCount>("recipients", "Recipients of one transaction"),
    field<&Section::line, kPositive>("line", "Octets of a command line, with its line end"),
    field<&Section::connections, kCount>("connections", "Connections at the same time"),
    field<&Section::receive_buffer, kPositive>("receive-buffer", "Bytes that the kernel keeps unread on each connection"),
    field<&Section::timeout, kDuration>("timeout", "Idle time after which the connection is closed"),
};
constexpr Table<Section> kLimits{"limits", "What is too much", kLimitFields};

constexpr auto kTlsModes = words<TlsMode>(
    "TLS mode",
    {{"none", TlsMode::none}, {"starttls", TlsMode::starttls}, {"required", TlsMode::required}, {"implicit", TlsMode::implicit}});
constexpr auto kTlsVersions = words<TlsVersion>(
    "TLS version",
    {{"tls1.0", TlsVersion::v1_0}, {"tls1.1", TlsVersion::v1_1}, {"tls1.2", TlsVersion::v1_2}, {"tls1.3", TlsVersion::v1_3}});
constexpr auto kClientCertificates = words<ClientCertificate>(
    "way to treat client certificates",
    {{"none", ClientCertificate::none}, {"request", ClientCertificate::request}, {"require", ClientCertificate::require}});
constexpr auto kCertificates = words<CertificateKind>("certificate", {{"valid", CertificateKind::valid},
                                                                      {"self-signed", CertificateKind::self_signed},
                                                                      {"expired", CertificateKind::expired},
                                                                      {"not-yet-valid", CertificateKind::not_yet_valid},
                                                                      {"wrong-host", CertificateKind::wrong_host},
                                                                      {"untrusted-root", CertificateKind::untrusted_root},
                                                                      {"incomplete-chain", CertificateKind::incomplete_chain},
                                                                      {"weak-key", CertificateKind::weak_key}});

constexpr std::array kCertificateFileFields{
    field<&TlsSection::certificate_file, kText>("cert", "A file with the certificate and its chain, in PEM", true),
    field<&TlsSection::key_file, kText>("key", "A file with its private key, in PEM", true),
};
constexpr Table<TlsSection> kCertificateFiles{"certificate", "A certificate of one's own", kCertificateFileFields};
constexpr auto kCertificateName = kOneOf<CertificateKind, kCertificates>;

void read_certificate(Reading& reading, const Node&, const Node& value, TlsSection& into) {
  if (!read_mapping<kCertificateFiles>(reading, value, into)) take(reading, kCertificateName, value, into.certificate.emplace());
}
json::object certificate_schema(Definitions& definitions) {
  return {{"oneOf", {kCertificateName.schema(definitions), schema_of<kCertificateFiles>(definitions)}}};
}

constexpr std::array kTlsFields{
    field<&TlsSection::mode, kOneOf<TlsMode, kTlsModes>>("mode", "When sessions use TLS; starttls if left out"),
    Field<TlsSection>{"certificate", "What the server shows: minted when it starts, with just this defect, or files", certificate_schema,
                      read_certificate},
    field<&TlsSection::versions, kOneOrMore<TlsVersion, kOneOf<TlsVersion, kTlsVersions>>>("versions", "The versions that are spoken"),
    field<&TlsSection::ciphers, kText>("ciphers", "The ciphers, as OpenSSL names them"),
    field<&TlsSection::client_certificate, kOneOf<ClientCertificate, kClientCertificates>>("client-certificate",
                                                                                           "Whether the client is asked for a certificate"),
    field<&TlsSection::resumption, kFlag>("resumption", "Whether sessions may be resumed"),
    field<&TlsSection::close_notify, kFlag>("close-notify", "Whether TLS is ended before the connection is"),
    field<&TlsSection::alpn, kOneOrMore<Text, kText>>("alpn", "Protocols to choose from; a client that knows none of them is refused"),
};
constexpr Table<TlsSection> kTls{"tls", "How the server speaks TLS", kTlsFields};

// A mapping whose values belong to the section itself.
template <const auto& kTable>
constexpr Field<Section> part(std::string_view key, std::string_view doc) {
  return {key, doc, schema_of<kTable>, [](Reading& reading, const Node&, const Node& value, Section& into) {
            if (!read_mapping<kTable>(reading, value, into)) tell_unexpected(reading, value, "a mapping");
          }};
}

constexpr std::array kFields{
    field<&Section::hostname, kLine>("hostname", "The name in the greeting and in replies"),
    field<&Section::listen, kOneOf<Listen, kListens>>("listen", "accept; refuse: the port answers with RST; ignore: connects time out"),
    field<&Section::lmtp, kOneOf<bool, kProtocols>>("protocol", "smtp or lmtp"),
    field<&Section::proxy, kOneOf<protocol::Proxy, kProxies>>("proxy",
                                                              "The PROXY header that comes before each session: v1, v2 or any of them"),
    field<&Section::greeting, kReply>("greeting", "The greeting, with its code"),
    Field<Section>{"extensions", "A list is exactly what EHLO offers; a mapping changes the default set", extensions_schema,
                   read_extensions},
    part<kAuth>("auth", "Who may log in"),
    Field<Section>{"tls", "How the server speaks TLS", schema_of<kTls>,
                   [](Reading& reading, const Node&, const Node& value, Section& into) {
                     into.tls.mode = TlsMode::starttls;
                     if (!read_mapping<kTls>(reading, value, into.tls)) tell_unexpected(reading, value, "a mapping");
                   }},
    part<kLimits>("limits", "What is too much"),
    field<&Section::strict_syntax, kOneOf<bool, kSyntaxes>>("syntax",
                                                            "tolerant: what real servers let pass; strict: RFC 5321 to the letter"),
};
constexpr Table<Section> kTable{"server", "How the server presents itself", kFields};

template <const auto& kWords, typename E>
std::string_view word_among(E value) {
  for (const auto& word : kWords.words)
    if (word.value == value) return word.name;
  return {};
}

}  // namespace

std::string_view word_of(Listen listen) { return word_among<kListens>(listen); }
std::string_view word_of(TlsMode mode) { return word_among<kTlsModes>(mode); }

bool read_names(Reading& reading, const Node& node, Vars& into) {
  if (!node.is_mapping()) return false;
  std::unordered_map<std::string_view, std::uint32_t> lines;
  for (std::size_t i = 0; i + 1 < node.children.size(); i += 2) {
    const Node &key = node.children[i], &value = node.children[i + 1];
    Text name, text;
    if (!take(reading, kText, key, name) || !take(reading, kText, value, text)) continue;
    const auto [first, added] = lines.emplace(key.text, key.place.line);
    if (added)
      into.emplace_back(std::move(name), std::move(text));
    else
      reading.diagnostics.error(key.place, fmt::format("name '{}' stands twice", quoted(key.text)),
                                fmt::format("first on line {}", first->second));
  }
  return true;
}
json::object names_schema(Definitions& definitions) { return {{"type", "object"}, {"additionalProperties", text_schema(definitions)}}; }

bool read_server(Reading& reading, const Node& node, ServerSection& into) { return read_mapping<kTable>(reading, node, into); }
json::object server_schema(Definitions& definitions) { return schema_of<kTable>(definitions); }

}  // namespace malaposta::scenario
