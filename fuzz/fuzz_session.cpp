// Fuzzes a whole session: the input is cut into chunks, timers run out between them, and a director decides from the
// same bytes. What must hold: no crash, no leak of reserved memory, nothing after the end.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "protocol/conversation.hpp"

using namespace malaposta::protocol;
using malaposta::protocol::testing::TestDirector;

namespace {

// Hands out the fuzzer's bytes; zeros once they are used up.
class Source {
 public:
  Source(const std::uint8_t* data, std::size_t size) : data_(data), size_(size) {}
  bool empty() const { return at_ >= size_; }
  std::uint8_t byte() { return empty() ? 0 : data_[at_++]; }
  std::string_view bytes(std::size_t count) {
    count = std::min(count, size_ - at_);
    const std::string_view result(reinterpret_cast<const char*>(data_ + at_), count);
    at_ += count;
    return result;
  }

 private:
  const std::uint8_t* data_;
  std::size_t size_;
  std::size_t at_ = 0;
};

void decide(std::uint8_t choice, Decision& out) {
  out.decided = (choice & 1) != 0;
  if (out.decided) {
    static constexpr int kCodes[] = {250, 354, 334, 421, 550, 235, 220, 0};
    out.code = kCodes[choice >> 5];
    out.add_text(Step::Kind::send, "250-a\r\n250 b\r\n");
    out.add(static_cast<Step::Kind>(choice / 2 % 12), std::chrono::seconds(choice % 3), choice % 7);
  }
  if ((choice & 2) != 0) out.delay = std::chrono::seconds(1);
  if ((choice & 4) != 0) out.dribble_bytes = 1 + choice % 5, out.dribble_every = std::chrono::milliseconds(choice % 2);
  if ((choice & 8) != 0) out.duplicate = true;
  if ((choice & 48) == 48) out.truncate = choice % 16;
  if ((choice & 49) == 33) out.read_bytes = 1 + choice % 7, out.read_every = std::chrono::seconds(1);
  if ((choice & 192) == 192) out.capture = (choice & 16) != 0;
}

// What TLS tells the session, in whatever order.
void shake_hands(malaposta::protocol::testing::Conversation& conversation, std::uint8_t choice) {
  Session& session = conversation.session();
  Effects& effects = conversation.effects();
  switch (choice & 3) {
    case 0: session.client_hello(conversation.now(), "mx.example.test", effects); break;
    case 1: session.handshake_done(conversation.now(), {"TLSv1.3", (choice & 4) != 0 ? "alice" : "", "unique", "exporter"}, effects); break;
    case 2: session.handshake_failed(conversation.now(), "no shared cipher", effects); break;
    default: session.plain_text_came(conversation.now(), effects); break;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Source source(data, size);
  Profile profile = default_profile();
  const std::uint8_t settings = source.byte();
  profile.lmtp = (settings & 1) != 0;
  profile.syntax = (settings & 2) != 0 ? Syntax::strict : Syntax::tolerant;
  profile.tls = static_cast<Tls>(settings >> 5 & 3);
  if (profile.tls != Tls::none) offer(profile, default_keywords(profile));
  if ((settings & 128) != 0) profile.proxy = Proxy::any;
  if ((settings & 8) != 0) {
    profile.mechanisms = {"PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-256", "XOAUTH2", "OAUTHBEARER", "EXTERNAL", "ANONYMOUS", "NTLM"};
    offer(profile, default_keywords(profile));
    if ((settings & 16) != 0) profile.users = {{"alice", "secret"}};
  }
  profile.limits.line = 64;
  profile.limits.recipients = 4;
  const std::uint8_t sometimes = source.byte();
  TestDirector director;
  if ((settings & 4) != 0) director.body_offsets = {0, 1, 5, 13};
  director.on_decide = [&, count = 0u](const Moment&, Decision& out) mutable {
    if (sometimes != 0 && ++count % sometimes == 0) decide(source.byte(), out);
  };
  malaposta::protocol::testing::Conversation conversation(profile, director, {4096, 4096, 3, 3});
  conversation.server();  // a decision at connect may have ended it already
  while (!source.empty() && !conversation.session().closed()) {
    const std::uint8_t action = source.byte();
    if (action == 0xff)
      conversation.wait();
    else if (action == 0xfe)
      conversation.hang_up();
    else if (action == 0xfd && conversation.session().shaking_hands())
      shake_hands(conversation, source.byte());
    else if (action == 0xfc)
      conversation.session().shut_down(conversation.now(), conversation.effects());
    else if (action == 0xfb)
      conversation.session().connection_lost(conversation.now());
    else
      conversation.send(source.bytes(action));
    conversation.server();
  }
  const bool closed = conversation.session().closed();
  conversation.send("QUIT\r\n");
  if (closed && !conversation.server().empty()) std::abort();
  return 0;
}
