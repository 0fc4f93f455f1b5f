package org.vmlog.web;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.vmlog.testing.Await;

/** By raw HTTP. HOST, TOKEN and PORT stand for what they are. */
@Timeout(120)
class WebServerTest {
  private static final String GOOD = "GET /TOKEN/ HTTP/1.1\r\nHost: HOST\r\n\r\n";
  private static final String STREAM = "GET /TOKEN/stream HTTP/1.1\r\nHost: HOST\r\n\r\n";

  @TempDir Path folder;
  private final Set<String> asked = ConcurrentHashMap.newKeySet();
  private WebServer server;
  private URI address;

  @BeforeEach
  void start() throws IOException {
    say("<14>Nov 21 03:04:05 web-1 sshd[1]: hello");
    WebLogs logs =
        new WebLogs(
            folder,
            log -> {
              asked.add(log.name());
              return true;
            },
            10,
            folder.resolve("sockets"),
            ZoneOffset.UTC,
            InstantSource.system(),
            (path, cause) -> {
              throw new AssertionError(path.toString(), cause);
            });
    server = WebServer.start(logs, WebToken.random(), 0);
    address = URI.create(server.address());
  }

  @AfterEach
  void stop() throws IOException {
    server.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "page.css", "page.js"})
  void file_asThePageAsksForIt_isServedWithAllThatForbids(String file) throws IOException {
    String answer = answer(GOOD.replace("TOKEN/", "TOKEN/" + file));

    assertThat(answer.lines().takeWhile(line -> !line.isEmpty()))
        .contains(
            "HTTP/1.1 200 OK",
            "Cache-Control: no-store",
            "Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self';"
                + " connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none';"
                + " frame-ancestors 'none'; require-trusted-types-for 'script';"
                + " trusted-types 'none'",
            "Referrer-Policy: no-referrer",
            "X-Content-Type-Options: nosniff",
            "X-Frame-Options: DENY",
            "Cross-Origin-Resource-Policy: same-origin")
        .noneMatch(line -> line.startsWith("Access-Control") || line.startsWith("Set-Cookie"));
    assertThat(answer).doesNotContain(token());
  }

  /** Nothing in them but what the policy allows. */
  @Test
  void page_hasNoInlineScriptStyleOrLink() throws IOException {
    assertThat(answer(GOOD))
        .doesNotContainPattern("(?i)<script[^>]*>[^<]")
        .doesNotContainPattern("(?i)<style|\\sstyle=|\\son[a-z]+=|<a\\s|https?:");
    assertThat(answer(GOOD.replace("TOKEN/", "TOKEN/page.js")))
        .doesNotContain("innerHTML", "outerHTML", "insertAdjacent", "document.write", "eval(");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "GET / HTTP/1.1 | Host: HOST | 403",
        "GET /favicon.ico HTTP/1.1 | Host: HOST | 403",
        "GET /TOKEN HTTP/1.1 | Host: HOST | 403",
        "GET /xTOKEN/ HTTP/1.1 | Host: HOST | 403",
        "GET /AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA/ HTTP/1.1 | Host: HOST | 403",
        "GET /AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA/stream HTTP/1.1 | Host: HOST | 403",
        "GET /?TOKEN/ HTTP/1.1 | Host: HOST | 403",
        "GET /TOKEN/ HTTP/1.1 | X: y | 403",
        "GET /TOKEN/ HTTP/1.1 | Host: evil.example:PORT | 403",
        "GET /TOKEN/ HTTP/1.1 | Host: 127.0.0.1 | 403",
        "GET /TOKEN/ HTTP/1.1 | Host: 127.0.0.1:1 | 403",
        "GET /TOKEN/ HTTP/1.1 | Host: HOST;Host: HOST | 400",
        "GET /TOKEN/stream HTTP/1.1 | Host: HOST;Origin: http://evil.example | 403",
        "GET /TOKEN/stream HTTP/1.1 | Host: HOST;Origin: null | 403",
        "GET /TOKEN/stream HTTP/1.1 | Host: HOST;Origin: https://HOST | 403",
        "GET /TOKEN/stream HTTP/1.1 | Host: HOST;Sec-Fetch-Site: cross-site | 403",
        "GET /TOKEN/page.js HTTP/1.1 | Host: HOST;Sec-Fetch-Site: same-site | 403",
        "GET /TOKEN/ HTTP/1.1 | Host: HOST;Sec-Fetch-Site: cross-site;Sec-Fetch-Dest: iframe | 403",
        "POST /TOKEN/ HTTP/1.1 | Host: HOST;Content-Length: 0 | 405",
        "OPTIONS /TOKEN/stream HTTP/1.1 | Host: HOST;Origin: http://HOST | 405",
        "GET /TOKEN/../page.js HTTP/1.1 | Host: HOST | 404",
        "GET /TOKEN/page.js/ HTTP/1.1 | Host: HOST | 404",
        "GET /TOKEN/WebServer.class HTTP/1.1 | Host: HOST | 404",
        "GET /TOKEN/ HTTP/1.0 | Host: HOST | 400",
        "GET http://HOST/TOKEN/ HTTP/1.1 | Host: HOST | 400",
        "GET /TOKEN/stream?text=%zz HTTP/1.1 | Host: HOST | 400",
        "GET /TOKEN/ HTTP/1.1 | no field | 400",
        "hello | Host: HOST | 400",
      })
  void request_thatIsNotThePages_isRefused(String line, String fields, String status)
      throws IOException {
    String answer = answer(line + "\r\n" + fields.replace(";", "\r\n") + "\r\n\r\n");

    assertThat(answer).startsWith("HTTP/1.1 " + status + " ").contains("Cache-Control: no-store");
    assertThat(answer).doesNotContain(token(), "hello");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Host: HOST",
        "Host: localhost:PORT",
        "Host: HOST\r\nOrigin: http://HOST",
        "Host: HOST\r\nSec-Fetch-Site: same-origin",
        "Host: HOST\r\nSec-Fetch-Site: none",
        "Host: HOST\r\nSec-Fetch-Site: cross-site\r\nSec-Fetch-Dest: document"
      })
  void request_ofWhoOpensThePage_isAnswered(String fields) throws IOException {
    assertThat(answer(GOOD.replace("Host: HOST", fields))).startsWith("HTTP/1.1 200 OK\r\n");
  }

  @Test
  void head_thatIsTooLong_isRefused() throws IOException {
    assertThat(answer("GET / HTTP/1.1\r\nX: " + "y".repeat(HttpRequest.MAX_HEAD_BYTES)))
        .startsWith("HTTP/1.1 400 Bad Request\r\n");
  }

  /** What another user of this host can do: hold connections up, but not for long. */
  @Test
  void connections_thatSayNothing_areGivenUp() throws IOException {
    List<Socket> silent = new ArrayList<>();
    for (int i = 0; i < WebServer.MAX_CONNECTIONS + 8; i++) {
      silent.add(connect());
      silent.get(i).getOutputStream().write("GET /".getBytes(UTF_8));
    }
    assertThat(answer(GOOD)).startsWith("HTTP/1.1 200 OK\r\n");
    assertThat(new String(silent.get(0).getInputStream().readAllBytes(), UTF_8))
        .startsWith("HTTP/1.1 400 Bad Request\r\n");
    for (Socket one : silent) {
      one.close();
    }
  }

  @Test
  void streams_moreThanThereMayBe_areToldSo() throws IOException {
    List<Stream> streams = new ArrayList<>();
    for (int i = 0; i < WebServer.MAX_STREAMS; i++) {
      Stream stream = new Stream(STREAM);
      stream.until("hello");
      streams.add(stream);
    }
    try (Stream ninth = new Stream(STREAM)) {
      assertThat(ninth.until("open")).contains("[\"f\",\"8 pages are open; allowed are 8\"]");
    }
    for (Stream one : streams) {
      one.close();
    }
    String again = "";
    while (!again.contains("hello")) { // the server notices by and by
      try (Stream next = new Stream(STREAM)) {
        again = next.until("hello|pages are open");
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "text=(&regex=1, missing closing )",
    "level=bad, severity #{42}bad",
  })
  void stream_whoseFilterIsWrong_saysWhy(String query, String why) throws IOException {
    try (Stream stream = new Stream(STREAM.replace("stream", "stream?" + query))) {
      assertThat(stream.until("\"f\"")).contains(why.replace("#{42}", "\\\""));
    }
  }

  @Test
  void stream_thatIsNotRead_leavesLinesOutAndSaysHowMany() throws IOException {
    try (Stream stream = new Stream(STREAM)) {
      stream.until("hello");
      String line = "<14>Nov 21 03:04:06 web-1 " + "x".repeat(200) + "\n";
      for (int batch = 0; batch < 100; batch++) {
        say(line.repeat(1500).stripTrailing());
      }
      // Who finds the second log has looked at everything since it found the first.
      for (String marker : List.of("one", "two")) {
        Files.createFile(folder.resolve("alice/" + marker + ".log"));
        Await.until("the new log is found", () -> asked.contains(marker));
      }
      String read = stream.until("\\[\"d\",\\d+\\]");
      say("<14>Nov 21 03:04:07 web-1 last");
      read += stream.until("last");

      long leftOut = 0;
      Matcher marks = Pattern.compile("\\[\"d\",(\\d+)\\]").matcher(read);
      while (marks.find()) {
        leftOut += Long.parseLong(marks.group(1));
      }
      long shown =
          Pattern.compile("\\[\"l\",0,\"Nov 21 03:04:06\"").matcher(read).results().count();
      assertThat(leftOut).isPositive();
      assertThat(shown + leftOut).isEqualTo(150_000);
    }
  }

  /** A forwarder writes none that is longer than 8 MiB, but files can hold anything. */
  @Test
  void stream_ofALineOf9Mib_showsItInPiecesAndGoesOn() throws IOException {
    String line = "<14>Nov 21 03:04:06 web-1 " + "x".repeat(9 << 20);
    say(line + "\n<14>Nov 21 03:04:07 web-1 behind it");
    try (Stream stream = new Stream(STREAM)) {
      assertThat(stream.until("behind it")).contains("\"xxxx");
      say(line + "\n<14>Nov 21 03:04:08 web-1 as it comes");
      stream.until("as it comes");
    }
  }

  @Test
  void stream_afterOneThatWasCut_goesOnWhereThatWas() throws IOException {
    String id;
    try (Stream first = new Stream(STREAM)) {
      Matcher found = Pattern.compile("id: (\\S+)").matcher(first.until("id: \\S+"));
      assertThat(found.find()).isTrue();
      id = found.group(1);
    }
    say("<14>Nov 21 03:04:06 web-1 meanwhile");
    String resumed = STREAM.replace("\r\n\r\n", "\r\nLast-Event-ID: " + id + "\r\n\r\n");
    try (Stream second = new Stream(resumed)) {
      assertThat(second.until("meanwhile")).contains("[\"h\",true]").doesNotContain("hello");
    }
  }

  private final class Stream implements AutoCloseable {
    private final Socket socket;
    private final BufferedReader in;

    Stream(String request) throws IOException {
      socket = connect();
      socket.getOutputStream().write(filled(request).getBytes(UTF_8));
      in = new BufferedReader(new InputStreamReader(socket.getInputStream(), UTF_8));
    }

    /** What comes up to a line with this in it. */
    String until(String pattern) throws IOException {
      Pattern wanted = Pattern.compile(pattern);
      StringBuilder read = new StringBuilder();
      long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        read.append(line).append('\n');
        if (wanted.matcher(line).find()) {
          return read.toString();
        }
        assertThat(System.nanoTime()).as(pattern + " within 60 s").isLessThan(deadline);
      }
      throw new AssertionError("the stream ended before " + pattern + ":\n" + read);
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }

  private String answer(String request) throws IOException {
    try (Socket socket = connect()) {
      socket.getOutputStream().write(filled(request).getBytes(UTF_8));
      return new String(socket.getInputStream().readAllBytes(), UTF_8);
    }
  }

  private String filled(String request) {
    return request
        .replace("TOKEN", token())
        .replace("HOST", "127.0.0.1:" + address.getPort())
        .replace("PORT", Integer.toString(address.getPort()));
  }

  private String token() {
    return address.getPath().replace("/", "");
  }

  private Socket connect() throws IOException {
    Socket socket = new Socket("127.0.0.1", address.getPort());
    socket.setSoTimeout(60_000);
    return socket;
  }

  private void say(String lines) throws IOException {
    Path log = folder.resolve("alice/web-1.log");
    Files.createDirectories(log.getParent());
    Files.writeString(
        log, lines + "\n", UTF_8, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }
}
