package org.vmlog.platform;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

class StderrLogTest {
  private final Logger root = Logger.getLogger("");
  private final Logger ours = Logger.getLogger("org.vmlog");
  private final Handler[] handlers = root.getHandlers();
  private final Level rootLevel = root.getLevel();
  private final Level oursLevel = ours.getLevel();

  /** Whoever uses gRPC quiets it for the whole process, and other tests may have. */
  private final Logger grpc = Logger.getLogger("io.grpc");

  private final Level grpcLevel = grpc.getLevel();
  private final ByteArrayOutputStream stderr = new ByteArrayOutputStream();

  @TempDir Path folder;

  @BeforeEach
  void forgetOtherTests() {
    restore();
    grpc.setLevel(null);
  }

  @AfterEach
  void restore() {
    grpc.setLevel(grpcLevel);
    for (Handler handler : root.getHandlers()) {
      root.removeHandler(handler);
    }
    for (Handler handler : handlers) {
      root.addHandler(handler);
    }
    root.setLevel(rootLevel);
    ours.setLevel(oursLevel);
  }

  @Test
  void install_info_showsOursFromInfoAndLibrariesFromWarning() {
    StderrLog.install(Level.INFO, Map.of(), stderr);

    logEverything("org.vmlog.test");
    logEverything("com.example.library");

    assertThat(lines())
        .containsExactly(
            "error org.vmlog.test",
            "warning org.vmlog.test",
            "info org.vmlog.test",
            "error com.example.library",
            "warning com.example.library");
  }

  @Test
  void install_debug_stillKeepsLibrariesQuiet() {
    StderrLog.install(Level.FINE, Map.of(), stderr);

    logEverything("org.vmlog.test");
    logEverything("com.example.library");

    assertThat(lines())
        .containsExactly(
            "error org.vmlog.test",
            "warning org.vmlog.test",
            "info org.vmlog.test",
            "debug org.vmlog.test",
            "error com.example.library",
            "warning com.example.library");
  }

  @Test
  void install_error_isForLibrariesToo() {
    StderrLog.install(Level.SEVERE, Map.of(), stderr);

    logEverything("org.vmlog.test");
    logEverything("com.example.library");

    assertThat(lines()).containsExactly("error org.vmlog.test", "error com.example.library");
  }

  @Test
  void install_bracesInAnArgument_areLeftAlone() {
    StderrLog.install(Level.INFO, Map.of(), stderr);

    LoggerFactory.getLogger("org.vmlog.test").info("name {} and {}", "{0} '", "{}");

    assertThat(lines()).containsExactly("info name {0} ' and {}");
  }

  @Test
  void publish_oneRecord_isOneWrite() {
    int[] writes = {0};
    OutputStream counting =
        new OutputStream() {
          @Override
          public void write(int b) {
            throw new AssertionError("byte by byte");
          }

          @Override
          public void write(byte[] bytes) {
            writes[0]++;
          }
        };

    new StderrLog(counting, new StderrFormat(true, true, ZoneOffset.UTC))
        .publish(new LogRecord(Level.INFO, "one"));

    assertThat(writes[0]).isEqualTo(1);
  }

  @Test
  void publish_stderrGone_isNoFailure() {
    OutputStream broken =
        new OutputStream() {
          @Override
          public void write(int b) throws IOException {
            throw new IOException("Broken pipe");
          }
        };
    StderrLog log = new StderrLog(broken, new StderrFormat(true, false, ZoneOffset.UTC));

    assertThatCode(() -> log.publish(new LogRecord(Level.INFO, "one"))).doesNotThrowAnyException();
  }

  @Test
  void journalStream_deviceAndInodeOfTheStream_matches() throws Exception {
    Path stream = Files.createFile(folder.resolve("stream"));
    Path other = Files.createFile(folder.resolve("other"));
    String name =
        Files.getAttribute(stream, "unix:dev") + ":" + Files.getAttribute(stream, "unix:ino");

    assertThat(JournalStream.matches(name, stream)).isTrue();
    assertThat(JournalStream.matches(name, other)).isFalse();
    assertThat(JournalStream.matches("", stream)).isFalse();
    assertThat(JournalStream.matches(name, folder.resolve("missing"))).isFalse();
  }

  @Test
  void kernelLogStream_isDevKmsgAndNothingElse() {
    assumeTrue(Files.exists(Path.of("/dev/kmsg")), "there is no /dev/kmsg here");
    assertThat(KernelLogStream.matches(Path.of("/dev/kmsg"))).isTrue();
    assertThat(KernelLogStream.matches(Path.of("/dev/null"))).isFalse();
    assertThat(KernelLogStream.matches(folder)).isFalse();
    assertThat(KernelLogStream.matches(folder.resolve("missing"))).isFalse();
  }

  private static void logEverything(String logger) {
    org.slf4j.Logger log = LoggerFactory.getLogger(logger);
    log.error(logger);
    log.warn(logger);
    log.info(logger);
    log.debug(logger);
  }

  /** What was written, without the time in front of each line. */
  private String[] lines() {
    return stderr.toString(UTF_8).lines().map(line -> line.substring(9)).toArray(String[]::new);
  }
}
