package org.vmlog.testing;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A headless Chromium with one page, driven by the DevTools protocol. Closing ends it. Its methods
 * are for one thread.
 */
public final class Chromium implements AutoCloseable {
  private static final Pattern LISTENING = Pattern.compile("DevTools listening on (ws://\\S+)");
  private static final int PATIENCE_SECONDS = 120;

  private final Path folder;
  private final Process process;
  private final WebSocket socket;
  private final Inbox inbox = new Inbox();
  private final AtomicInteger calls = new AtomicInteger();
  private String session = "";

  private Chromium(Path folder) throws Exception {
    this.folder = folder;
    Path log = folder.resolve("chromium.log");
    ProcessBuilder builder =
        new ProcessBuilder(
                "setsid", // so that all of its processes can be ended
                "chromium",
                "--headless=new",
                "--no-sandbox", // it does not start as root with one
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--disable-background-networking",
                "--disable-component-update",
                "--no-first-run",
                "--user-data-dir=" + folder.resolve("profile"),
                "--remote-debugging-port=0",
                "about:blank")
            .redirectErrorStream(true)
            .redirectOutput(log.toFile());
    builder.environment().put("HOME", folder.toString());
    builder.environment().put("TZ", "UTC");
    process = builder.start();
    try {
      socket =
          HttpClient.newHttpClient()
              .newWebSocketBuilder()
              .buildAsync(URI.create(address(log)), inbox)
              .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
      String target =
          call("Target.createTarget", "{\"url\":\"about:blank\"}").get("targetId").getAsString();
      session =
          call("Target.attachToTarget", "{\"targetId\":\"" + target + "\",\"flatten\":true}")
              .get("sessionId")
              .getAsString();
      for (String domain : List.of("Page", "Runtime", "Log", "Network")) {
        call(domain + ".enable", "{}");
      }
    } catch (Exception | AssertionError e) {
      close();
      throw e;
    }
  }

  public static boolean isAvailable() {
    return ShellCommand.exists("chromium");
  }

  /** Starts it, with a profile of its own in a folder. */
  public static Chromium start(Path folder) throws Exception {
    return new Chromium(Files.createDirectories(folder));
  }

  private static String address(Path log) throws IOException {
    Await.until("chromium listens", () -> LISTENING.matcher(Files.readString(log)).find());
    Matcher found = LISTENING.matcher(Files.readString(log));
    if (!found.find()) {
      throw new IOException("chromium's log was shortened");
    }
    return found.group(1);
  }

  /** Has the page be of that size, in CSS pixels, and dark or light. */
  public Chromium like(int width, int height, boolean dark) {
    call(
        "Emulation.setDeviceMetricsOverride",
        "{\"width\":%d,\"height\":%d,\"deviceScaleFactor\":1,\"mobile\":false}"
            .formatted(width, height));
    call(
        "Emulation.setEmulatedMedia",
        "{\"features\":[{\"name\":\"prefers-color-scheme\",\"value\":\"%s\"}]}"
            .formatted(dark ? "dark" : "light"));
    return this;
  }

  /** Opens an address, and returns once it is there. */
  public void open(String address) {
    JsonObject opened = call("Page.navigate", "{\"url\":\"" + address + "\"}");
    if (opened.has("errorText")) {
      throw new AssertionError("cannot open the page: " + opened.get("errorText"));
    }
    Await.until("the page is open", () -> isOpen(address));
  }

  private boolean isOpen(String address) {
    try {
      return evaluate("location.href + document.readyState").equals(address + "complete");
    } catch (AssertionError e) {
      return false; // what was asked went with the page before
    }
  }

  /** What an expression is in the page, as text. */
  public String evaluate(String expression) {
    JsonObject parameters = new JsonObject();
    parameters.addProperty("expression", "String(" + expression + ")");
    parameters.addProperty("returnByValue", true);
    parameters.addProperty("userGesture", true);
    JsonObject answer = call("Runtime.evaluate", parameters.toString());
    if (answer.has("exceptionDetails")) {
      throw new AssertionError(expression + ": " + answer);
    }
    JsonElement value = answer.getAsJsonObject("result").get("value");
    return value == null ? "" : value.getAsString();
  }

  /** Returns once an expression is true. */
  public void await(String expression) {
    Await.until(
        "the page has " + expression,
        () -> evaluate("Boolean(" + expression + ")").equals("true"),
        () -> evaluate("document.body.innerText") + "\n" + problems());
  }

  /** Types text where the focus is. */
  public void type(String text) {
    JsonObject parameters = new JsonObject();
    parameters.addProperty("text", text);
    call("Input.insertText", parameters.toString());
  }

  /** Presses a key, by its name and what it writes, if it does. */
  public void press(String key, String text) {
    JsonObject parameters = new JsonObject();
    parameters.addProperty("key", key);
    parameters.addProperty("type", text.isEmpty() ? "rawKeyDown" : "keyDown");
    parameters.addProperty("text", text);
    call("Input.dispatchKeyEvent", parameters.toString());
    parameters.addProperty("type", "keyUp");
    parameters.remove("text");
    call("Input.dispatchKeyEvent", parameters.toString());
  }

  /** The page as PNG. */
  public byte[] screenshot() {
    return Base64.getDecoder()
        .decode(call("Page.captureScreenshot", "{\"format\":\"png\"}").get("data").getAsString());
  }

  /** What the browser has complained of: errors of scripts, and what a policy forbade. */
  public List<String> problems() {
    return List.copyOf(inbox.problems);
  }

  private JsonObject call(String method, String parameters) {
    int id = calls.incrementAndGet();
    CompletableFuture<JsonObject> answer = new CompletableFuture<>();
    inbox.answers.put(id, answer);
    String of = session.isEmpty() ? "" : ",\"sessionId\":\"" + session + "\"";
    String text =
        "{\"id\":%d,\"method\":\"%s\",\"params\":%s%s}".formatted(id, method, parameters, of);
    try {
      socket.sendText(text, true).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
      JsonObject message = answer.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
      if (message.has("error")) {
        throw new AssertionError(method + ": " + message.get("error"));
      }
      return message.getAsJsonObject("result");
    } catch (Exception e) {
      throw new AssertionError(method + " was not answered: " + e, e);
    }
  }

  /** What the browser says. Its methods are called by one thread at a time. */
  private static final class Inbox implements WebSocket.Listener {
    final Map<Integer, CompletableFuture<JsonObject>> answers = new ConcurrentHashMap<>();
    final List<String> problems = new CopyOnWriteArrayList<>();
    private final StringBuilder message = new StringBuilder();

    @Override
    public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
      message.append(data);
      if (last) {
        handle(JsonParser.parseString(message.toString()).getAsJsonObject());
        message.setLength(0);
      }
      from.request(1);
      return null;
    }

    private void handle(JsonObject one) {
      if (one.has("id")) {
        CompletableFuture<JsonObject> answer = answers.remove(one.get("id").getAsInt());
        if (answer != null) {
          answer.complete(one);
        }
      } else if (one.get("method").getAsString().equals("Runtime.exceptionThrown")
          || (one.toString().contains("\"level\":\"error\"")
              && !one.toString().contains("\"source\":\"network\""))) {
        problems.add(one.get("params").toString());
      }
    }
  }

  @Override
  public void close() throws IOException {
    List<ProcessHandle> all = new ArrayList<>(process.descendants().toList());
    process.destroy();
    try {
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
      all.forEach(ProcessHandle::destroyForcibly);
      for (ProcessHandle one : all) {
        Await.until("chromium has ended", () -> !one.isAlive());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }
}
