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
 * A real rsyslogd that takes messages by TLS from clients whose certificates its authority has
 * signed, and writes down how it takes each apart. Confined to one thread.
 */
public final class TlsRsyslog implements AutoCloseable {
  /** What its certificate is for. */
  public static final String NAME = "server";

  private static final Path RSYSLOGD = Path.of("/usr/sbin/rsyslogd");
  private static final Path GNUTLS = Path.of("/var/lib/dpkg/info/rsyslog-gnutls.list");

  private final Path folder;
  private final int port;
  private Process process;

  private TlsRsyslog(Path folder, int port) {
    this.folder = folder;
    this.port = port;
  }

  /** Starts one, or skips the test where there is none. */
  public static TlsRsyslog start(Path folder, Certificates certificates) throws Exception {
    assumeTrue(Files.isExecutable(RSYSLOGD), "rsyslogd is missing (Debian package rsyslog)");
    assumeTrue(Files.exists(GNUTLS), "gtls is missing (Debian package rsyslog-gnutls)");
    Files.createDirectories(folder);
    TlsRsyslog rsyslog = new TlsRsyslog(folder, freePort());
    Files.writeString(
        folder.resolve("rsyslog.conf"),
        """
        global(workDirectory="%1$s" maxMessageSize="256k"
               defaultNetstreamDriver="gtls"
               defaultNetstreamDriverCAFile="%2$s"
               defaultNetstreamDriverCertFile="%3$s"
               defaultNetstreamDriverKeyFile="%4$s")
        module(load="imtcp" streamDriver.name="gtls" streamDriver.mode="1"
               streamDriver.authMode="x509/certvalid")
        input(type="imtcp" address="127.0.0.1" port="%5$d")
        template(name="parsed" type="string"
                 string="%%pri%%|%%timereported:::date-rfc3339%%|%%hostname%%|%%structured-data%%|%%msg%%\\n")
        action(type="omfile" file="%1$s/messages" template="parsed")
        """
            .formatted(
                folder,
                certificates.authority(),
                certificates.certificate(NAME),
                certificates.key(NAME),
                rsyslog.port));
    rsyslog.restart();
    return rsyslog;
  }

  public int port() {
    return port;
  }

  /** Starts it anew after {@link #stop}; returns when it takes connections. */
  public void restart() throws Exception {
    process =
        new ProcessBuilder(
                RSYSLOGD.toString(),
                "-n",
                "-f",
                folder.resolve("rsyslog.conf").toString(),
                "-i",
                folder + "/pid")
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(folder.resolve("log").toFile()))
            .start();
    Await.until("rsyslogd listens", this::listens, this::errors);
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
      throw new IOException("rsyslogd does not end:\n" + errors());
    }
  }

  /**
   * Waits for so many messages and answers all there are, each as {@code PRI|TIME|HOSTNAME|DATA|
   * MSG}.
   */
  public List<String> awaitMessages(int count) throws Exception {
    Await.until(
        Await.PATIENCE.multipliedBy(2),
        "rsyslogd has written " + count + " messages",
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
