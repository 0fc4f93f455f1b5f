package org.vmlog.testing;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A real rsyslogd with a socket that it reads as it reads /dev/log by default, and one that it
 * reads as lines from elsewhere. It writes down how it takes each message apart, and can be stopped
 * and started again. Confined to one thread.
 */
public final class Rsyslog implements AutoCloseable {
  /** What rsyslogd takes for this host's name. */
  public static final String HOST = "thishost";

  private static final Path RSYSLOGD = Path.of("/usr/sbin/rsyslogd");

  private final Path folder;
  private final Path socket;
  private Process process;

  private Rsyslog(Path folder, Path socket) {
    this.folder = folder;
    this.socket = socket;
  }

  /** Starts one, or skips the test where there is none. */
  public static Rsyslog start(Path folder, Path socket) throws Exception {
    assumeTrue(Files.isExecutable(RSYSLOGD), "rsyslogd is missing (Debian package rsyslog)");
    Rsyslog rsyslog = new Rsyslog(Files.createDirectories(folder), socket);
    rsyslog.restart();
    return rsyslog;
  }

  /** The socket on which it expects a host name in each line. */
  public Path remote() {
    return socket.resolveSibling(socket.getFileName() + ".remote");
  }

  /** Starts it anew after {@link #stop}; returns when it reads its socket. */
  public void restart() throws Exception {
    Path config = folder.resolve("rsyslog.conf");
    Files.writeString(
        config,
        """
        global(workDirectory="%1$s" localHostname="%4$s")
        module(load="imuxsock" SysSock.Use="off")
        # As /dev/log is read by default: no host name is looked for.
        input(type="imuxsock" Socket="%2$s")
        # As lines from elsewhere are read, such as those of a file.
        input(type="imuxsock" Socket="%2$s.remote" UseSpecialParser="off" ParseHostname="on")
        template(name="parsed" type="string"
                 string="%%pri%%|%%hostname%%|%%syslogtag%%|%%msg%%\\n")
        action(type="omfile" file="%3$s" template="parsed")
        """
            .formatted(folder, socket, output(), HOST));
    Files.deleteIfExists(socket); // one that was killed leaves them behind
    Files.deleteIfExists(remote());
    process =
        new ProcessBuilder(
                RSYSLOGD.toString(), "-n", "-f", config.toString(), "-i", folder + "/pid")
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("rsyslogd.log").toFile())
            .start();
    Await.until(
        "rsyslogd reads " + socket,
        () -> Files.exists(socket) && Files.exists(remote()),
        this::errors);
  }

  /** Ends it; the socket refuses from then on, or is gone. */
  public void stop() throws Exception {
    process.destroy();
    if (!process.waitFor(Await.PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
      throw new IOException("rsyslogd does not end:\n" + errors());
    }
  }

  /**
   * Waits for so many messages and answers all there are, each as {@code
   * PRI|HOSTNAME|SYSLOGTAG|MSG}.
   */
  public List<String> awaitMessages(int count) throws Exception {
    Await.until(
        "rsyslogd has written " + count + " messages",
        () -> messages().size() >= count,
        this::errors);
    return messages();
  }

  private List<String> messages() throws IOException {
    return Files.exists(output()) ? Files.readAllLines(output()) : List.of();
  }

  private Path output() {
    return folder.resolve("messages");
  }

  private String errors() {
    try {
      return Files.readString(folder.resolve("rsyslogd.log"));
    } catch (IOException e) {
      return e.toString();
    }
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
