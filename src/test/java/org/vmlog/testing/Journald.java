package org.vmlog.testing;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A real systemd-journald with a journal in a folder of the test's, by a mount namespace in which
 * that folder is /run; and journalctl, which reads it. Confined to one thread.
 */
public final class Journald implements AutoCloseable {
  private static final Path DAEMON = Path.of("/lib/systemd/systemd-journald");

  private final Path folder;
  private Process process;

  private Journald(Path folder) {
    this.folder = folder;
  }

  /** Whether it can be run: it takes root, and the daemon itself. */
  public static boolean isAvailable() {
    return Files.isExecutable(DAEMON)
        && ShellCommand.exists("unshare")
        && ShellCommand.exists("journalctl")
        && Files.isWritable(Path.of("/proc/1/oom_score_adj"));
  }

  /** Starts one. */
  public static Journald start(Path folder) throws IOException {
    Journald journald = new Journald(Files.createDirectories(folder));
    Path settings = Files.createDirectories(journald.run().resolve("systemd/journald.conf.d"));
    Files.writeString(
        settings.resolve("test.conf"),
        "[Journal]\nStorage=volatile\nRateLimitIntervalSec=0\nReadKMsg=no\nForwardToWall=no\n");
    Files.createDirectories(journald.run().resolve("systemd/journal"));
    journald.restart();
    return journald;
  }

  /** Starts it again, after {@link #kill}; what it had is kept. */
  public void restart() throws IOException {
    Files.deleteIfExists(socket());
    process =
        new ProcessBuilder(
                "unshare",
                "--mount",
                "--propagation=private",
                "sh",
                "-c",
                "mount --bind '" + run() + "' /run && exec " + DAEMON)
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("journald.log").toFile())
            .start();
    // Its socket is there before it asks the kernel who sends; its own first entry comes after.
    Await.until(
        "journald reads " + socket(), () -> !entries("_PID=" + process.pid()).isEmpty(), this::log);
  }

  /** Where it takes entries. */
  public Path socket() {
    return run().resolve("systemd/journal/socket");
  }

  /** Has it do nothing until {@link #resume}. */
  public void pause() throws IOException {
    signal("STOP");
  }

  public void resume() throws IOException {
    signal("CONT");
  }

  /** Ends it. */
  public void kill() throws Exception {
    process.destroyForcibly();
    if (!process.waitFor(Await.PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
      throw new IOException("journald does not end: " + log());
    }
  }

  /** Waits for so many entries with such a field, and answers all there are, in their order. */
  public List<Map<String, String>> await(int count, String field) {
    Await.until(
        "the journal has " + count + " entries with " + field,
        () -> entries(field).size() >= count,
        this::log);
    try {
      return entries(field);
    } catch (IOException e) {
      throw new AssertionError("the journal cannot be read", e);
    }
  }

  private List<Map<String, String>> entries(String field) throws IOException {
    Path journal = run().resolve("log/journal");
    Process journalctl =
        new ProcessBuilder(
                "journalctl", "-q", "-a", "-o", "export", "-D", journal.toString(), field)
            .redirectError(ProcessBuilder.Redirect.DISCARD) // a file may be in the making
            .start();
    byte[] output = journalctl.getInputStream().readAllBytes();
    return JournalFields.parse(ByteBuffer.wrap(output));
  }

  private Path run() {
    return folder.resolve("run");
  }

  private void signal(String name) throws IOException {
    String unused = new ShellCommand().run("kill -" + name + " " + process.pid());
  }

  private String log() {
    try {
      return Files.readString(folder.resolve("journald.log"));
    } catch (IOException e) {
      return e.toString();
    }
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
