package org.vmlog.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each start of a VM by itself, out of a log whose oldest files are compressed. */
class StartsTest {
  @TempDir Path folder;
  private VmlogRun vmlog;

  @BeforeEach
  void write() throws IOException {
    Path alice = Files.createDirectories(folder.resolve("alice"));
    Files.writeString(folder.resolve(".layout"), "plain\n");
    gzip(
        alice.resolve("web-1.log.2.gz"),
        "<14>Nov 21 09:00:00 web-1 a: rest of an older start",
        "<46>Nov 21 09:10:00 web-1 forwarder: VM started (generation 3)",
        "<14>Nov 21 09:10:01 web-1 b: one");
    lines(
        alice.resolve("web-1.log.1"),
        "<118>Nov 21 09:10:02 web-1 Kernel panic - not syncing",
        // What guests can write, by any of their ways, is no mark.
        "<14>Nov 21 09:10:03 web-1 forwarder: VM started (generation 4)",
        "<46>Nov 21 10:00:00 web-1 forwarder: VM started (generation 5)");
    lines(
        alice.resolve("web-1.log"),
        "<14>Nov 21 10:00:01 web-1 c: two",
        "<14>Nov 21 10:00:02 web-1 c: three");
    lines(alice.resolve("db-1.log"), "<14>Nov 21 10:30:00 db-1 d: no mark");
    vmlog = new VmlogRun(folder);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "-b;[forwarder: VM started (generation 5), c: two, c: three]",
        "--boot;[forwarder: VM started (generation 5), c: two, c: three]",
        "-b -n 1;[c: three]",
        "-b 0 -t c;[c: two, c: three]",
        "-b -1;[forwarder: VM started (generation 3), b: one, Kernel panic - not syncing,"
            + " forwarder: VM started (generation 4)]",
        "--boot=-1 --console;[Kernel panic - not syncing]",
        "-b-1 -n 1;[forwarder: VM started (generation 4)]",
        "-b -2;[a: rest of an older start]",
        "-b 1;[a: rest of an older start]",
        "-b 3 -g thr;[c: three]",
        "-b -3;[]",
        "-b 4;[]",
      })
  void tail_ofAStart_hasItsLinesFromItsMarkToTheNext(String options, String expected) {
    VmlogRun.Result shown =
        vmlog.run(("tail --template {content} web-1 " + options).split(" ", -1));
    assertThat(shown.out().lines().toList()).hasToString(expected);
  }

  @Test
  void tail_startOfALogWithoutMarks_isAllOfIt() {
    assertThat(out("tail", "-b", "db-1")).isEqualTo("Nov 21 10:30:00 d: no mark\n");
  }

  @Test
  void grep_ofAStart_findsNothingOfTheOthers() {
    assertThat(out("grep", "-b", "-1", "o", "web-1"))
        .isEqualTo(
            """
            Nov 21 09:10:00 forwarder: VM started (generation 3)
            Nov 21 09:10:01 b: one
            Nov 21 09:10:02 Kernel panic - not syncing
            Nov 21 09:10:03 forwarder: VM started (generation 4)
            """);
  }

  @Test
  void follow_ofAnEarlierStart_isRefused() {
    VmlogRun.Result refused = vmlog.run("tail", "-f", "-b", "-1");
    assertThat(refused.code()).isEqualTo(64);
    assertThat(refused.err()).contains("allowed is -b alone");
  }

  @Test
  void lastWords_ofADeadVm_areTheLastLinesOfItsLog() {
    assertThat(out("last-words", "alice/web-1", "-n", "1")).isEqualTo("Nov 21 10:00:02 c: three\n");
  }

  @Test
  void lastWords_ofALiveVm_areOfTheStartBeforeThisOne() throws IOException {
    Path sockets = Files.createDirectories(folder.resolve("alice"));
    Files.createFile(sockets.resolve("web-1.lsock"));
    Files.createFile(sockets.resolve("db-1.lsock"));
    assertThat(out("last-words", "web-1", "-n", "2"))
        .isEqualTo(
            """
            Nov 21 09:10:02 Kernel panic - not syncing
            Nov 21 09:10:03 forwarder: VM started (generation 4)
            """);
    VmlogRun.Result none = vmlog.run("last-words", "db-1");
    assertThat(none.code()).isEqualTo(66);
    assertThat(none.err()).contains("alice/db-1 lives, and its log has no earlier start");
  }

  private String out(String... command) {
    return vmlog.run(command).out();
  }

  private static void lines(Path file, String... lines) throws IOException {
    Files.writeString(file, String.join("\n", lines) + "\n");
  }

  private static void gzip(Path file, String... lines) throws IOException {
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
      out.write((String.join("\n", lines) + "\n").getBytes(UTF_8));
    }
  }
}
