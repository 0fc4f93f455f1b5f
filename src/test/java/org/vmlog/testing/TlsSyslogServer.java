package org.vmlog.testing;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A real syslog server that takes messages by TLS from clients whose certificates its authority has
 * signed, has its defaults otherwise, and writes down how it takes each apart. Confined to one
 * thread.
 */
public final class TlsSyslogServer implements AutoCloseable {
  /** What its certificate is for. */
  public static final String NAME = "server";

  private static final Path RSYSLOGD = Path.of("/usr/sbin/rsyslogd");
  private static final Path GNUTLS = Path.of("/var/lib/dpkg/info/rsyslog-gnutls.list");

  /** Unpacked beside rsyslog, which it cannot be installed with. */
  private static final Path SYSLOG_NG = Path.of("target/syslog-ng").toAbsolutePath();

  private static final String RSYSLOG_CONFIG =
      """
      global(workDirectory="%1$s"
             defaultNetstreamDriver="gtls"
             defaultNetstreamDriverCAFile="%2$s"
             defaultNetstreamDriverCertFile="%3$s"
             defaultNetstreamDriverKeyFile="%4$s")
      module(load="imtcp" streamDriver.name="gtls" streamDriver.mode="1"
             streamDriver.authMode="x509/certvalid")
      input(type="imtcp" address="127.0.0.1" port="%5$d")
      template(name="parsed" type="string"
               string="%%pri%%|%%timereported:::date-rfc3339%%|%%hostname%%|%%structured-data%%|%%msg%%\n")
      action(type="omfile" file="%1$s/messages" template="parsed")
      """;

  private static final String SYSLOG_NG_CONFIG =
      """
      @version: current
      options { keep-hostname(yes); time-zone("UTC"); frac-digits(6); stats-freq(0); };
      source s {
        syslog(ip("127.0.0.1") port(%5$d) transport("tls")
               tls(ca-file("%2$s") cert-file("%3$s") key-file("%4$s") peer-verify(required-trusted)));
      };
      destination d {
        file("%1$s/messages" template("${PRI}|${ISODATE}|${HOST}|${SDATA}|${MSG}\n"));
      };
      log { source(s); destination(d); };
      """;

  private final Path folder;
  private final int port;
  private final ProcessBuilder command;
  private Process process;

  private TlsSyslogServer(Path folder, int port, List<String> command) {
    this.folder = folder;
    this.port = port;
    this.command =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(folder.resolve("log").toFile()));
  }

  /** Starts rsyslogd, or skips the test where there is none. */
  public static TlsSyslogServer rsyslog(Path folder, Certificates certificates) throws Exception {
    assumeTrue(Files.isExecutable(RSYSLOGD), "rsyslogd is missing (Debian package rsyslog)");
    assumeTrue(Files.exists(GNUTLS), "gtls is missing (Debian package rsyslog-gnutls)");
    int port = configure(folder, RSYSLOG_CONFIG, certificates);
    TlsSyslogServer rsyslog =
        new TlsSyslogServer(
            folder,
            port,
            List.of(RSYSLOGD.toString(), "-n", "-f", folder + "/conf", "-i", folder + "/pid"));
    rsyslog.restart();
    return rsyslog;
  }

  /** Starts syslog-ng, or skips the test where there is none. */
  public static TlsSyslogServer syslogNg(Path folder, Certificates certificates) throws Exception {
    Path program = SYSLOG_NG.resolve("usr/sbin/syslog-ng");
    assumeTrue(
        Files.isExecutable(program),
        "syslog-ng is missing (.ci/packages --unpack target/syslog-ng syslog-ng-core)");
    int port = configure(folder, SYSLOG_NG_CONFIG, certificates);
    Path modules = SYSLOG_NG.resolve("usr/lib/syslog-ng");
    try (var found = Files.newDirectoryStream(modules, Files::isDirectory)) {
      modules = found.iterator().next(); // named by the version
    }
    TlsSyslogServer server =
        new TlsSyslogServer(
            folder,
            port,
            List.of(
                program.toString(),
                "--foreground",
                "--no-caps",
                "--cfgfile=" + folder + "/conf",
                "--persist-file=" + folder + "/persist",
                "--pidfile=" + folder + "/pid",
                "--control=" + folder + "/control",
                "--module-path=" + modules));
    String machine =
        System.getProperty("os.arch").equals("aarch64") ? "aarch64-linux-gnu" : "x86_64-linux-gnu";
    server
        .command
        .environment()
        .put(
            "LD_LIBRARY_PATH",
            "%1$s/usr/lib/syslog-ng:%1$s/usr/lib/%2$s:%1$s/lib/%2$s".formatted(SYSLOG_NG, machine));
    server.restart();
    return server;
  }

  private static int configure(Path folder, String config, Certificates certificates)
      throws Exception {
    Files.createDirectories(folder);
    int port = freePort();
    Files.writeString(
        folder.resolve("conf"),
        config.formatted(
            folder,
            certificates.authority(),
            certificates.certificate(NAME),
            certificates.key(NAME),
            port));
    return port;
  }

  public int port() {
    return port;
  }

  /** Starts it anew after {@link #stop}; returns when it takes connections. */
  public void restart() throws Exception {
    process = command.start();
    Await.until("the server listens", this::listens, this::errors);
  }

  private boolean listens() {
    try (Socket socket = new Socket("127.0.0.1", port)) {
      return socket.isConnected();
    } catch (IOException e) {
      return false;
    }
  }

  public void stop() throws Exception {
    process.destroy();
    if (!process.waitFor(Await.PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
      throw new IOException("the server does not end:\n" + errors());
    }
  }

  /**
   * Waits for so many messages and answers all there are, each as {@code PRI|TIME|HOSTNAME|DATA|
   * MSG}.
   */
  public List<String> awaitMessages(int count) throws Exception {
    Await.until(
        Await.PATIENCE.multipliedBy(2),
        "the server has written " + count + " messages",
        () -> messages().size() >= count,
        this::errors);
    return messages();
  }

  private List<String> messages() throws IOException {
    Path file = folder.resolve("messages");
    return Files.exists(file) ? Files.readAllLines(file) : List.of();
  }

  private String errors() {
    try {
      return Files.readString(folder.resolve("log"));
    } catch (IOException e) {
      return e.toString();
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      return socket.getLocalPort();
    }
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
