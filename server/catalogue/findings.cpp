#include "catalogue/findings.hpp"

#include <algorithm>

namespace malaposta::catalogue {

namespace {

using enum Severity;

constexpr FindingInfo kFindings[] = {
    {"auth-after-auth", error, "RFC 4954 section 4", "AUTH after a successful AUTH",
     "After a login no other is possible on the connection; the server has to refuse it with 503.", "Log in once for a connection."},
    {"bad-base64", error, "RFC 4954 section 4", "A response of AUTH that is not base64",
     "The server cannot read it, and ends the exchange with 501.", "Encode every response; cancel with a single *."},
    {"bare-cr", error, "RFC 5321 section 2.3.8", "A CR without LF within a line",
     "Servers differ in where they see a line end: what one takes for text, another takes for a command (SMTP smuggling).",
     "Send CR and LF together only; encode a CR that belongs to the text."},
    {"bare-lf", error, "RFC 5321 section 2.3.8", "A command line that ends with LF alone",
     "Servers differ in whether it ends the line: what one takes for text, another takes for a command (SMTP smuggling).",
     "End every line with CR and LF."},
    {"bare-lf-in-content", error, "RFC 5321 section 2.3.8", "A line of the content that ends with LF alone",
     "Servers refuse such messages, repair them, or see line ends, and even the end of the content, in different places.",
     "Turn the line ends of the message into CR LF before it is sent."},
    {"command-after-421", error, "RFC 5321 section 3.8", "A command after the server said 421",
     "With 421 the server closes the connection; what comes behind it is lost.", "Close the connection, and try again later."},
    {"content-after-refused-data", error, "RFC 5321 section 4.1.1.4", "Content although DATA was refused",
     "The server takes every line of it for a command, and answers each with an error.", "Send the content after 354 only."},
    {"content-before-354", error, "RFC 5321 section 4.1.1.4", "Content before the reply to DATA",
     "Had the server refused DATA, it would have taken the content for commands (SMTP smuggling).", "Wait for 354."},
    {"control-character", warning, "RFC 5321 section 4.1.2", "A control character in a command",
     "It can be part of an injection: text that came from outside and went into a command unchecked.",
     "Refuse addresses and names that have control characters."},
    {"data-without-recipient", error, "RFC 5321 section 3.3", "DATA although no recipient was accepted",
     "There is nobody to deliver to: a server that says 354 all the same throws the message away.",
     "Send DATA after a positive reply to RCPT only; without one, say RSET or QUIT."},
    {"duplicate-header", warning, "RFC 5322 section 3.6", "A header field that may stand once stands twice",
     "Large providers refuse such messages.", "Write Date, From, Sender, Reply-To, To, Cc, Subject and Message-ID once at most."},
    {"early-talker", error, "RFC 5321 section 4.3.1", "A command before the greeting",
     "Servers that watch for it take the client for a spammer and turn it away.", "Wait for the last line of the greeting."},
    {"ehlo-not-repeated-after-starttls", error, "RFC 3207 section 4.2", "No EHLO after STARTTLS",
     "What the server said before TLS may have come from somebody between; it must be forgotten.", "Say EHLO again once TLS stands."},
    {"eight-bit-without-8bitmime", warning, "RFC 6152 section 3", "Content with 8-bit octets, but no BODY=8BITMIME",
     "The server may take the message for 7-bit text and destroy it.", "Declare BODY=8BITMIME where it is offered, or encode the content."},
    {"helo-not-tried", warning, "RFC 5321 section 3.2", "EHLO was refused and HELO not tried",
     "The server is older than ESMTP, but would have taken the message.", "Say HELO after EHLO was answered with 500 or 502."},
    {"leading-space", warning, "RFC 5321 section 4.1.1", "More than one space between words of a command", "Strict servers refuse it.",
     "Put a single space between the words."},
    {"line-too-long", warning, "RFC 5321 section 4.5.3.1.6", "A line of the content over 1000 octets",
     "Servers cut such lines, or refuse the message.", "Encode the content so that no line has more than 998 octets before its CR LF."},
    {"mail-before-hello", error, "RFC 5321 section 4.1.4", "MAIL before EHLO or HELO",
     "The server does not know whom it is talking to, and refuses it with 503.", "Say EHLO first."},
    {"message-id-changed", warning, "RFC 5322 section 3.6.4", "The same message was sent again under another Message-ID",
     "A copy after a lost reply cannot be told from a new message.", "Keep the Message-ID when a message is tried again."},
    {"missing-brackets", warning, "RFC 5321 section 4.1.2", "A path without angle brackets", "Strict servers refuse it with 501.",
     "Write <alice@example.com>."},
    {"missing-date", warning, "RFC 5322 section 3.6", "A message without Date", "The field is required; its lack counts towards spam.",
     "Write Date."},
    {"missing-from", warning, "RFC 5322 section 3.6", "A message without From",
     "The field is required; large providers refuse messages without it.", "Write From."},
    {"missing-message-id", note, "RFC 5322 section 3.6.4", "A message without Message-ID",
     "Copies cannot be recognised, and some providers refuse it.", "Write a Message-ID, and keep it when the message is tried again."},
    {"nested-mail", error, "RFC 5321 section 4.1.4", "MAIL within a transaction",
     "A transaction is under way; the server refuses another with 503.", "End the transaction with the final dot or with RSET first."},
    {"no-quit", note, "RFC 5321 section 4.1.1.10", "The connection was closed without QUIT",
     "The server cannot tell a client that is done from one that has died.", "Say QUIT, and wait for the 221."},
    {"nul-in-content", error, "RFC 5321 section 4.5.2", "A NUL octet in the content",
     "No text has it; servers cut the message there or refuse it.", "Encode binary content."},
    {"odd-hello-name", warning, "RFC 5321 section 4.1.1.1", "A name in EHLO that is neither a domain nor an address literal",
     "Many servers refuse such clients.", "Give the host's full name, or its address in square brackets: [192.0.2.1]."},
    {"password-in-clear", error, "RFC 4954 section 4", "A password in clear although TLS was offered", "Whoever listens has the password.",
     "Start TLS before the login."},
    {"permanent-failure-retried", warning, "RFC 5321 section 4.2.1", "The same envelope again after a permanent failure",
     "A 5yz means that the request should not be repeated as it is; doing so counts as abuse.", "Give up, and tell the sender."},
    {"pipelining-not-offered", error, "RFC 2920 section 3", "Commands ahead of replies although PIPELINING was not offered",
     "Servers may drop what comes early, or take it for an attack.", "Wait for each reply where EHLO does not offer PIPELINING."},
    {"pipelining-past-group-end", error, "RFC 2920 section 3.1", "A command sent behind one that must be the last of its group",
     "After EHLO, STARTTLS, AUTH or DATA the reply decides what may follow; servers drop or refuse what came early.",
     "Wait for the reply to EHLO, HELO, STARTTLS, AUTH, DATA, VRFY, EXPN, NOOP and QUIT."},
    {"rcpt-before-mail", error, "RFC 5321 section 4.1.4", "RCPT outside a transaction", "The server refuses it with 503.",
     "Send MAIL first, and RCPT only after it was accepted."},
    {"size-exceeded", warning, "RFC 1870 section 6.3", "More content than SIZE= had declared",
     "The server may have reserved no more than that, and refuse the message at its end.",
     "Declare the size of what is sent, line ends included."},
    {"size-over-limit", warning, "RFC 1870 section 6.1", "A message larger than the limit that EHLO told",
     "The server refuses it at the end of the content, after all of it was sent.", "Compare the size with the limit before MAIL."},
    {"space-after-colon", warning, "RFC 5321 section 3.3", "A space between the colon and the path",
     "The grammar does not have it; strict servers refuse it.", "Write MAIL FROM:<alice@example.com>."},
    {"starttls-in-tls", error, "RFC 3207 section 4.2", "STARTTLS inside TLS", "TLS stands already; the server refuses it with 503.",
     "Start TLS once."},
    {"temporary-failure-hammered", note, "RFC 5321 section 4.5.4.1", "A temporary failure tried again within a second",
     "The condition has had no time to pass; greylisting servers count it against the client.",
     "Wait: minutes at least, 30 of them for a queue."},
    {"trailing-space", note, "RFC 5321 section 4.1.1", "Blanks at the end of a command",
     "The grammar does not have them; strict servers refuse them.", "End the line behind the last word."},
    {"unknown-command", warning, "RFC 5321 section 4.2.4", "A command that no standard has",
     "The server can only refuse it; it often is content, or a response, that the server did not expect.",
     "Send commands that EHLO offers."},
    {"unoffered-parameter", error, "RFC 5321 section 4.1.1.11", "A parameter of an extension that was not offered",
     "The server has to refuse the command with 555.", "Use the parameters of extensions that EHLO offered on this connection."},
    {"utf8-address-without-smtputf8", error, "RFC 6531 section 3.4", "An address with non-ASCII characters without SMTPUTF8",
     "Servers that do not know the extension cannot handle it.",
     "Declare SMTPUTF8 where it is offered; otherwise do not send to such addresses."},
};

}  // namespace

std::span<const FindingInfo> findings() { return kFindings; }

const FindingInfo* find_finding(std::string_view id) {
  const auto* const found = std::lower_bound(std::begin(kFindings), std::end(kFindings), id,
                                             [](const FindingInfo& one, std::string_view wanted) { return one.id < wanted; });
  return found != std::end(kFindings) && found->id == id ? found : nullptr;
}

}  // namespace malaposta::catalogue
