package malaposta;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.ConnectException;
import java.net.Socket;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.opentest4j.AssertionFailedError;

/** What the extension promises, asked of the program itself. */
class MalapostaTest {
  @RegisterExtension final Malaposta server = new Malaposta();

  /** Sends one message; returns the code at which it ended, 250 when it was accepted. */
  private static int send(int port, String to) {
    String[] session = {null, "EHLO client.example.test", "MAIL FROM:<alice@example.com>", "RCPT TO:<" + to + ">", "DATA",
      "Subject: hello\r\nTo: <" + to + ">\r\n\r\nHello\r\n."};
    try (Socket socket = new Socket("127.0.0.1", port)) {
      BufferedReader replies = new BufferedReader(new InputStreamReader(socket.getInputStream()));
      int code = 0;
      for (String line : session) {
        if (line != null) socket.getOutputStream().write((line + "\r\n").getBytes());
        String reply;
        do reply = replies.readLine();
        while (reply.charAt(3) == '-');
        code = Integer.parseInt(reply.substring(0, 3));
        if (code >= 400) break;
      }
      socket.getOutputStream().write("QUIT\r\n".getBytes());
      replies.readLine();
      return code;
    } catch (IOException error) {
      throw new java.io.UncheckedIOException(error);
    }
  }

  private static int send(int port) {
    return send(port, "bob@example.test");
  }

  @Test
  void withoutAScenarioAllMailIsKept() {
    assertEquals(250, send(server.port()));
    assertEquals("passed", server.await("{\"accepted\": 1}").get("verdict"));
    assertEquals(List.of("hello"), server.messages().stream().map(one -> one.get("Subject")).toList());
    assertEquals("Hello", ((String) server.message("latest").get("Text")).trim());
    assertTrue(new String(server.raw("latest")).endsWith("\r\n\r\nHello\r\n"));
    assertTrue(server.transcript().contains("C: MAIL FROM:<alice@example.com>"));
  }

  @Test
  void everyServerHasAnInboxAndPortsOfItsOwn() {
    try (Malaposta other = new Malaposta().start()) {
      assertNotEquals(server.port(), other.port());
      send(other.port());
      assertEquals(1, other.messages().size());
    }
    assertEquals(List.of(), server.messages());
  }

  @Test
  void theScenarioJudgesAClientThatGivesUp() {
    try (Malaposta busy = new Malaposta("451-twice").start()) {
      assertEquals(451, send(busy.port()));
      String told = assertThrows(AssertionFailedError.class, busy::verify).getMessage();
      assertEquals(List.of("malaposta: 451-twice failed",
          "expected attempts: exactly 3, the same mail, the same rcpts, the same header.message-id", "actual   1 attempts",
          "nearest  attempt 1 in session 1: from <alice@example.com> to <bob@example.test>: 451"), told.lines().limit(4).toList());
    }
  }

  @Test
  void severalScenariosHaveAPortEach() {
    try (Malaposta both = new Malaposta("550", "malaposta: 1\nname: strangers\nrules:\n  - { at: mail, reply: 553 }\n").start()) {
      assertEquals(both.port("550"), both.port());
      assertEquals(550, send(both.port()));
      assertEquals(553, send(both.port("strangers")));
      both.verifyIn("strangers", "{\"attempts\": 1}");
    }
  }

  @Test
  void whatIsArmedHappensAsOftenAsWasSaid() {
    server.arm("{\"code\": 451, \"at\": \"rcpt\", \"times\": 1}");
    assertEquals(451, send(server.port()));
    assertEquals(250, send(server.port()));
    server.verify("{\"rule\": {\"id\": \"armed-451\", \"fired\": 1}}", "{\"accepted\": 1}");
    server.arm("{\"code\": 550}");
    server.disarm();
    assertEquals(250, send(server.port()));
    server.reset();
    assertEquals(List.of(), server.messages());
  }

  @Test
  void testsThatShareAServerKeepApartByAddresses() {
    String mine = Malaposta.uniqueAddress();
    String theirs = Malaposta.uniqueAddress();
    server.arm("{\"code\": 550, \"at\": \"rcpt\", \"match\": {\"rcpt\": \"" + mine + "\"}}");
    assertEquals(550, send(server.port(), mine));
    assertEquals(250, send(server.port(), theirs));
    assertEquals(0, server.messagesTo(mine).size());
    assertEquals(1, server.messagesTo(theirs).size());
  }

  @Test
  void waitingEndsWhenTheMailComes() {
    CompletableFuture<Integer> sent = CompletableFuture.supplyAsync(() -> send(server.port()));
    server.await("{\"message\": {\"rcpts\": [\"bob@example.test\"]}}");
    assertEquals(250, sent.join());
  }

  @Test
  void waitingInVainFailsWithWhatIsMissing() {
    String told = assertThrows(AssertionFailedError.class, () -> server.awaitIn("default", "10ms", "{\"accepted\": 1}")).getMessage();
    assertTrue(told.contains("expected messages accepted: exactly 1\nactual   0 messages accepted"), told);
  }

  @Test
  void aQuestionThatMakesNoSenseIsNoFailedAssertion() {
    String told = assertThrows(IllegalStateException.class, () -> server.verify("{\"acepted\": 1}")).getMessage();
    assertTrue(told.startsWith("verify: 400") && told.contains("acepted"), told);
    assertThrows(IllegalStateException.class, () -> server.arm("{\"code\": 999}"));
  }

  @Test
  void aServerThatCannotStartSaysWhy() {
    Malaposta mistaken = new Malaposta("malaposta: 1\nrules: [{ at: rcpt, replay: 550 }]\n");
    String told = assertThrows(IllegalStateException.class, mistaken::start).getMessage();
    assertTrue(told.contains("status 2") && told.contains("did you mean 'reply'"), told);
  }

  @Test
  void nothingListensAnyMoreOnceAServerWasStopped() {
    Malaposta other = new Malaposta().start();
    int port = other.port();
    other.close();
    other.close();
    assertThrows(ConnectException.class, () -> new Socket("127.0.0.1", port).close());
  }

  @Test
  void jsonIsReadAsItIsWritten() {
    assertEquals(Map.of("a", List.of(1.0, -2.5e3, true, Map.of()), "é\n\"\\", "\t/"),
        Json.parse(" {\"a\": [1, -2.5e3, true, {}] , \"\\u00e9\\n\\\"\\\\\" : \"\\t\\/\"}"));
    assertEquals("a\"\\\n\u0001", Json.parse(Json.quote("a\"\\\n\u0001")));
    for (String wrong : List.of("", "[1", "{\"a\" 1}", "[1] 2", "\"a", "nothing", "[,]", "{1: 2}"))
      assertThrows(IllegalArgumentException.class, () -> Json.parse(wrong), wrong);
  }
}
