package malaposta;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ProxySelector;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.opentest4j.AssertionFailedError;

/**
 * Malaposta, an SMTP server that misbehaves on purpose, as an extension of JUnit 5: every test has a server of its own, with ports and an inbox of its
 * own.
 *
 * <pre>
 * {@literal @}RegisterExtension
 * final Malaposta malaposta = new Malaposta("451-twice");
 * </pre>
 *
 * <p>The program is {@code malaposta} on the PATH, or what the variable MALAPOSTA_PROGRAM names. JSON goes in as text, and comes out as maps, lists, texts,
 * doubles and booleans. The program's refusals and anything that is wrong with it are {@link IllegalStateException}.
 */
public final class Malaposta implements BeforeEachCallback, AfterEachCallback, AutoCloseable {
  private static final AtomicInteger numbers = new AtomicInteger();

  private final String[] scenarios;
  private final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).proxy(new NoProxy()).build();
  private final Map<String, Integer> ports = new LinkedHashMap<>();
  private final Thread stopAtExit = new Thread(this::destroy);
  private Process process;
  private Path folder;
  private String apiUrl;
  private String caFile;

  /**
   * @param scenarios names of shipped ones, files, or YAML, each with a port of its own; without any the server takes all mail and obeys the address
   *     triggers
   */
  public Malaposta(String... scenarios) {
    this.scenarios = scenarios.length == 0 ? new String[] {"default"} : scenarios;
  }

  @Override
  public void beforeEach(ExtensionContext context) {
    start();
  }

  @Override
  public void afterEach(ExtensionContext context) {
    close();
  }

  /** Starts the server, and returns once all its ports accept; JUnit does so before each test. */
  public Malaposta start() {
    try {
      folder = Files.createTempDirectory("malaposta-");
      Path ready = folder.resolve("ready.json");
      Path problems = folder.resolve("problems");
      List<String> command = new ArrayList<>(List.of(program(), "serve", "--log", "none", "--http", host() + ":0", "--ready-file", ready.toString()));
      for (String scenario : scenarios) Collections.addAll(command, "--smtp", host() + ":0=" + fileOf(scenario));
      process = new ProcessBuilder(command).redirectError(problems.toFile()).start();
      Runtime.getRuntime().addShutdownHook(stopAtExit);
      BufferedReader output = process.inputReader();
      if (output.readLine() == null) { // the first line comes once the ready file is there
        int status = process.waitFor();
        String told = Files.readString(problems);
        close();
        throw new IllegalStateException("malaposta serve ended with status " + status + ":\n" + told);
      }
      read(ready);
      return this;
    } catch (IOException error) {
      throw new UncheckedIOException(error);
    } catch (InterruptedException error) {
      throw interrupted(error);
    }
  }

  /** Ends the server; sessions that still run are told 421. JUnit does so after each test. Harmless when it has ended. */
  @Override
  public void close() {
    if (process == null) return;
    Runtime.getRuntime().removeShutdownHook(stopAtExit);
    destroy();
    try {
      process.waitFor();
      try (var files = Files.list(folder)) {
        for (Path file : files.toList()) Files.delete(file);
      }
      Files.delete(folder);
    } catch (IOException error) {
      throw new UncheckedIOException(error);
    } catch (InterruptedException error) {
      throw interrupted(error);
    }
    process = null;
    ports.clear();
  }

  public String host() {
    return "127.0.0.1";
  }

  /** The first scenario's port. */
  public int port() {
    return ports.values().iterator().next();
  }

  /** The port of the scenario of that name. */
  public int port(String scenario) {
    return ports.get(scenario);
  }

  public String apiUrl() {
    return apiUrl;
  }

  /** The authority that signs the certificates, in PEM; null where no scenario has TLS. */
  public String caFile() {
    return caFile;
  }

  /**
   * Has the next commands meet a code, whatever the scenario says.
   *
   * @param fault such as {@code {"code": 451, "at": "rcpt", "times": 2, "match": {"rcpt": "*@example.test"}}}; only the code is needed
   */
  public void arm(String fault) {
    request("POST", "/api/v1/arm", fault);
  }

  /** Takes back all that is armed. */
  public void disarm() {
    request("DELETE", "/api/v1/arm", null);
  }

  /**
   * Returns the verdict once everything is as expected.
   *
   * @param expect expectations as in a scenario's {@code expect}: {@code {"accepted": 1}}; without any, those of the scenario count
   * @throws AssertionFailedError when that cannot happen any more, or not within 30 s
   */
  public Map<String, Object> await(String... expect) {
    return awaitIn(firstScenario(), "30s", expect);
  }

  /** As {@link #await}, with the scenario that is meant and the time-out ("500ms", at most "10m"). */
  public Map<String, Object> awaitIn(String scenario, String timeout, String... expect) {
    return judge("wait", "\"timeout\": " + Json.quote(timeout) + ", ", scenario, expect);
  }

  /** As {@link #await}, but by what has happened up to now. */
  public Map<String, Object> verify(String... expect) {
    return verifyIn(firstScenario(), expect);
  }

  /** As {@link #verify}, with the scenario that is meant. */
  public Map<String, Object> verifyIn(String scenario, String... expect) {
    return judge("verify", "", scenario, expect);
  }

  /** An address that nobody else was given, for tests that share a server: arm and look for this recipient only. */
  public static String uniqueAddress() {
    return "test-" + ProcessHandle.current().pid() + "-" + numbers.incrementAndGet() + "@example.test";
  }

  /** Summaries of the messages that were kept, the newest first. */
  public List<Map<String, Object>> messages() {
    List<Map<String, Object>> all = new ArrayList<>();
    List<Map<String, Object>> page;
    do {
      page = list(request("GET", "/api/v1/messages?start=" + all.size() + "&limit=100", null).get("messages"));
      all.addAll(page);
    } while (page.size() == 100);
    return all;
  }

  /** Those to that recipient. */
  public List<Map<String, Object>> messagesTo(String recipient) {
    return messages().stream()
        .filter(one -> List.of("To", "Cc", "Bcc").stream()
            .anyMatch(field -> one.get(field) != null && list(one.get(field)).stream().anyMatch(who -> recipient.equals(who.get("Address")))))
        .toList();
  }

  /** One message taken apart: "Subject", "From", "To", "Text", "HTML"…; the id "latest" is the newest one's. */
  public Map<String, Object> message(String id) {
    return request("GET", "/api/v1/message/" + id, null);
  }

  /** One message as it came. */
  public byte[] raw(String id) {
    return ask("GET", "/api/v1/message/" + id + "/raw", null);
  }

  /** What was said in all sessions, as a dialog. */
  public String transcript() {
    StringBuilder said = new StringBuilder();
    List<Map<String, Object>> sessions = list(request("GET", "/api/v1/sessions?limit=1000", null).get("sessions"));
    for (int i = sessions.size() - 1; i >= 0; i--) {
      long id = ((Double) sessions.get(i).get("id")).longValue();
      said.append(new String(ask("GET", "/api/v1/sessions/" + id + "/transcript", null), StandardCharsets.UTF_8));
    }
    return said.toString();
  }

  /** Forgets sessions, messages and what is armed; scenarios begin anew. */
  public void reset() {
    request("POST", "/api/v1/reset", null);
  }

  /** Any request of the HTTP API, for what has no method here. */
  @SuppressWarnings("unchecked")
  public Map<String, Object> request(String method, String path, String content) {
    return (Map<String, Object>) Json.parse(new String(ask(method, path, content), StandardCharsets.UTF_8));
  }

  private byte[] ask(String method, String path, String content) {
    HttpResponse<byte[]> answer = send(method, path, content);
    if (answer.statusCode() >= 400)
      throw new IllegalStateException(method + " " + path + ": " + answer.statusCode() + ": " + new String(answer.body(), StandardCharsets.UTF_8));
    return answer.body();
  }

  private HttpResponse<byte[]> send(String method, String path, String content) {
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(apiUrl + path)).header("Content-Type", "application/json");
    request.method(method, content == null ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofString(content));
    try {
      return http.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
    } catch (IOException error) {
      throw new UncheckedIOException(error);
    } catch (InterruptedException error) {
      throw interrupted(error);
    }
  }

  @SuppressWarnings("unchecked")
  private Map<String, Object> judge(String route, String more, String scenario, String... expect) {
    String wanted = expect.length == 0 ? "" : "\"expect\": [" + String.join(", ", expect) + "], ";
    HttpResponse<byte[]> answer = send("POST", "/api/v1/" + route, "{" + wanted + more + "\"scenario\": " + Json.quote(scenario) + "}");
    String text = new String(answer.body(), StandardCharsets.UTF_8);
    int status = answer.statusCode();
    if (status != 200 && status != 408 && status != 422) throw new IllegalStateException(route + ": " + status + ": " + text);
    Map<String, Object> verdict = (Map<String, Object>) Json.parse(text);
    if (status != 200) throw new AssertionFailedError(explain(verdict));
    return verdict;
  }

  private static String explain(Map<String, Object> verdict) {
    List<String> lines = new ArrayList<>(List.of("malaposta: " + verdict.get("scenario") + " " + verdict.get("verdict")));
    for (Map<String, Object> one : list(verdict.get("expectations"))) {
      if (one.get("passed") == Boolean.TRUE) continue;
      lines.add("expected " + one.get("expected"));
      lines.add("actual   " + one.get("actual"));
      for (Object line : (List<?>) one.get("nearest")) lines.add("nearest  " + line);
    }
    return String.join("\n", lines);
  }

  private void read(Path ready) throws IOException {
    Map<?, ?> content = (Map<?, ?>) Json.parse(Files.readString(ready));
    caFile = (String) content.get("ca_file");
    for (Map<String, Object> listener : list(content.get("listeners"))) {
      int port = ((Double) listener.get("port")).intValue();
      if (listener.get("kind").equals("http")) apiUrl = "http://" + host() + ":" + port;
      else ports.put((String) listener.get("scenario"), port);
    }
  }

  private String firstScenario() {
    return ports.keySet().iterator().next();
  }

  /** A scenario that is written as YAML becomes a file. */
  private String fileOf(String scenario) throws IOException {
    if (!scenario.contains("\n")) return scenario;
    return Files.writeString(folder.resolve("scenario-" + numbers.incrementAndGet() + ".yaml"), scenario).toString();
  }

  private void destroy() {
    process.destroy();
  }

  @SuppressWarnings("unchecked")
  private static List<Map<String, Object>> list(Object json) {
    return (List<Map<String, Object>>) json;
  }

  private static String program() {
    String named = System.getenv("MALAPOSTA_PROGRAM");
    return named == null ? "malaposta" : named;
  }

  private static IllegalStateException interrupted(InterruptedException error) {
    Thread.currentThread().interrupt();
    return new IllegalStateException("interrupted while malaposta was awaited", error);
  }

  private static final class NoProxy extends ProxySelector {
    @Override
    public List<java.net.Proxy> select(URI uri) {
      return List.of(java.net.Proxy.NO_PROXY);
    }

    @Override
    public void connectFailed(URI uri, java.net.SocketAddress address, IOException error) {}
  }
}
