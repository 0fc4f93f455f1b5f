package org.vmlog.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vmlog.record.Channel;
import org.vmlog.record.LineFormat;
import org.vmlog.testing.ShellCommand;
import org.vmlog.testing.VmlogProcess;
import org.vmlog.testing.WrittenLog;

/** {@code vmlog -f} as people type it, until Ctrl-C. */
final class FollowedLogsTest {
  private static final Instant TIME = Instant.parse("2026-01-02T03:04:05Z");

  @TempDir Path folder;

  @Test
  void follow_untilCtrlC_showsWhatComesAndThenItsCursor() throws Exception {
    try (WrittenLog web = WrittenLog.in(folder, "alice", "web-1", LineFormat.RFC5424);
        VmlogProcess vmlog =
            VmlogProcess.start(
                "--follow", "--directory=" + folder, "-o", "short-iso", "--show-cursor", "*-1")) {
      vmlog.awaitLog("no log that matches *-1 in " + folder);
      web.say(TIME, 6, Channel.USER, "hello");
      vmlog.awaitLog("-- alice/web-1 has a log now --");
      try (WrittenLog db = WrittenLog.in(folder, "bob", "db-1", LineFormat.RFC5424);
          WrittenLog other = WrittenLog.in(folder, "bob", "other", LineFormat.RFC5424)) {
        other.say(TIME, 6, Channel.USER, "not meant");
        db.say(TIME, 6, Channel.USER, "here, too");
        vmlog.awaitLog("-- bob/db-1 has a log now --");
        vmlog.interrupt();
        assertThat(vmlog.await()).isZero();
      }
      assertThat(vmlog.output().lines())
          .satisfiesExactly(
              line -> assertThat(line).isEqualTo("2026-01-02T03:04:05+00:00 alice/web-1 hello"),
              line -> assertThat(line).isEqualTo("2026-01-02T03:04:05+00:00 bob/db-1 here, too"),
              line -> assertThat(line).startsWith("-- cursor: v2."));
    }
  }

  @Test
  void follow_whoseReaderHasSeenEnough_ends() throws Exception {
    Path log = Files.createDirectories(folder.resolve("o")).resolve("vm.log");
    Files.writeString(log, "<14>Nov 21 03:04:05 vm one\n");
    String vmlog = VmlogProcess.shellCommand() + " -f -n all --directory=" + folder;
    // It finds out by what it writes next.
    String writer =
        "while sleep 0.05; do echo '<14>Nov 21 03:04:05 vm more' >>" + log + "; done & writer=$!; ";

    String seen = new ShellCommand().run(writer + vmlog + " | head -n 1; kill $writer");

    assertThat(seen).endsWith(" one\n");
  }
}
