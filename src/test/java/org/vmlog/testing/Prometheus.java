package org.vmlog.testing;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A real Prometheus that scrapes one address every second, and its tool. Confined to one thread.
 */
public final class Prometheus implements AutoCloseable {
  private static final Path PROMETHEUS = Path.of("/usr/bin/prometheus");
  private static final Path PROMTOOL = Path.of("/usr/bin/promtool");

  /** Debian sid's, with the C library that it needs. */
  private static final Path SID = Path.of("target/prometheus-sid").toAbsolutePath();

  private final HttpClient http = HttpClient.newHttpClient();
  private final String address;
  private final Process process;

  private Prometheus(String address, Process process) {
    this.address = address;
    this.process = process;
  }

  /** Starts one, or skips the test where there is none. */
  public static Prometheus scraping(String target, Path folder) throws Exception {
    assumeThere();
    InetSocketAddress free = TestHost.freeTcpAddress();
    String address = free.getHostString() + ":" + free.getPort();
    Path config = Files.createDirectories(folder).resolve("prometheus.yml");
    Files.writeString(
        config,
        """
        scrape_configs:
          - job_name: vmlog
            scrape_interval: 1s
            static_configs:
              - targets: ["%s"]
        """
            .formatted(target));
    Process process =
        new ProcessBuilder(
                PROMETHEUS.toString(),
                "--config.file=" + config,
                "--storage.tsdb.path=" + folder.resolve("data"),
                "--web.listen-address=" + address)
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("prometheus.log").toFile())
            .start();
    Prometheus prometheus = new Prometheus(address, process);
    Await.until("Prometheus has scraped", () -> prometheus.hasScraped());
    return prometheus;
  }

  private static void assumeThere() {
    assumeTrue(
        Files.isExecutable(PROMETHEUS) && Files.isExecutable(PROMTOOL),
        "Prometheus is missing (Debian package prometheus)");
  }

  private boolean hasScraped() throws IOException, InterruptedException {
    try {
      return query("up").contains("\"1\"");
    } catch (IOException e) {
      if (!process.isAlive()) {
        throw e;
      }
      return false; // it does not listen yet
    }
  }

  /** The answer of its API to an instant query, as JSON. */
  public String query(String expression) throws IOException, InterruptedException {
    URI uri =
        URI.create(
            "http://" + address + "/api/v1/query?query=" + URLEncoder.encode(expression, UTF_8));
    return http.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString())
        .body();
  }

  /** What {@code promtool check metrics} has to say against a page. */
  public static String checkMetrics(String page) throws Exception {
    return promtool(page, "check", "metrics");
  }

  /** Runs promtool with an input; answers what it prints, and how it ended unless with 0. */
  public static String promtool(String input, String... arguments) throws Exception {
    assumeThere();
    return run(input, List.of(PROMTOOL.toString()), arguments);
  }

  /** The same with the promtool of Debian sid, which is of another major version. */
  public static String promtoolOfSid(String... arguments) throws Exception {
    Path promtool = SID.resolve("usr/bin/promtool");
    assumeTrue(
        Files.exists(promtool),
        "sid's Prometheus is missing (.ci/packages --unpack target/prometheus-sid prometheus sid)");
    try (var found = Files.walk(SID.resolve("usr/lib"), 2)) {
      Path loader =
          found
              .filter(file -> file.getFileName().toString().matches("ld-linux-.*[.]so[.].*"))
              .findFirst()
              .orElseThrow();
      String libraries = loader.getParent().toString();
      return run(
          "",
          List.of(loader.toString(), "--library-path", libraries, promtool.toString()),
          arguments);
    }
  }

  private static String run(String input, List<String> command, String... arguments)
      throws Exception {
    ProcessBuilder builder = new ProcessBuilder(new ArrayList<>(command));
    builder.command().addAll(List.of(arguments));
    Process process = builder.redirectErrorStream(true).start();
    process.getOutputStream().write(input.getBytes(UTF_8));
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    int exit = process.waitFor();
    return exit == 0 ? output : output + "exit " + exit;
  }

  @Override
  public void close() throws InterruptedException {
    process.destroy();
    if (!process.waitFor(Await.PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
      process.destroyForcibly();
    }
  }
}
