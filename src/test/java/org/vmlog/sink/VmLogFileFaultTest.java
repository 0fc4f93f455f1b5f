package org.vmlog.sink;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.vmlog.testing.LogFiles;

/** System calls that fail, do half of their work, or are a process's last, by way of strace(1). */
@Timeout(120)
class VmLogFileFaultTest {
  @TempDir Path temp;

  @ParameterizedTest
  @CsvSource({
    "EIO, Input/output error",
    "EDQUOT, Disk quota exceeded",
    "EROFS, Read-only file system"
  })
  void write_fails_writesNothingAndGoesOn(String error, String message) throws Exception {
    assertThat(probe("inject=writev:error=" + error + ":when=2"))
        .containsExactly("written 7", "failed after 0: " + message, "written 7", "written 7");
    assertThat(log()).hasContent("line 0\nline 2\nline 3\n");
  }

  /** strace answers 3 for a call that it does not make: what follows is the rest, and no more. */
  @Test
  void write_takesLessThanItIsOffered_offersTheRest() throws Exception {
    assertThat(probe("inject=writev:retval=3:when=2")).containsOnly("written 7");
    assertThat(log()).hasContent("line 0\ne 1\nline 2\nline 3\n");
  }

  /** RLIMIT_FSIZE: what is over is not written, in the middle of a line, and then EFBIG. */
  @Test
  void write_tornByTheKernel_cutsTheLineOff() throws Exception {
    Traced traced =
        Traced.run(
            temp,
            List.of("-e", "trace=writev,ftruncate", "prlimit", "--fsize=17"),
            SyncProbe.class,
            temp.resolve("logs").toString(),
            "NEVER");
    assertThat(traced.output())
        .containsExactly(
            "written 7",
            "written 7",
            "failed after 0: File too large",
            "failed after 0: File too large");
    assertThat(traced.calls("writev(")).as("a write that was cut").anyMatch(c -> c.endsWith("= 3"));
    assertThat(log()).hasContent("line 0\nline 1\n");
  }

  /** Whatever call is the last, what was written is there, once and whole. */
  @ParameterizedTest
  @CsvSource({"writev, 1", "writev, 5", "renameat, 1", "renameat, 2", "renameat, 7", "unlinkat, 2"})
  void sigkill_inACall_losesNothingThatWasWritten(String call, int when) throws Exception {
    Path logs = temp.resolve("logs");
    List<String> strace = new ArrayList<>();
    for (String path : List.of("", "/web.log", "/web.log.new")) { // and none of the JVM's own
      strace.addAll(List.of("-P", logs.resolve("alice") + path));
    }
    String inject = "inject=%s:signal=SIGKILL:when=%d".formatted(call, when);
    strace.addAll(List.of("-e", "trace=" + call, "-e", inject));
    Traced killed = Traced.run(temp, strace, RotationProbe.class, logs.toString());
    assertThat(killed.wasKilled()).as("%s", killed).isTrue();
    List<String> written = new ArrayList<>();
    killed.output().forEach(number -> written.add("line " + number));

    try (VmLogFile file = RotationProbe.open(logs)) {
      file.write(Lines.of(List.of("after")));
    }

    List<String> lines = LogFiles.lines(log());
    assertThat(lines).last().isEqualTo("after");
    List<String> before = lines.subList(0, lines.size() - 1);
    // The line in whose write it was killed may be there, as may be that it was not told of.
    assertThat(before).startsWith(written.toArray(String[]::new));
    assertThat(before.size()).isBetween(written.size(), written.size() + 1);
  }

  private List<String> probe(String inject) throws Exception {
    Traced traced =
        Traced.run(
            temp,
            List.of("-P", log().toString(), "-e", "trace=writev", "-e", inject),
            SyncProbe.class,
            temp.resolve("logs").toString(),
            "NEVER");
    assertThat(traced.calls("(INJECTED)")).hasSize(1);
    return traced.output();
  }

  private Path log() {
    return temp.resolve("logs/alice/web.log");
  }
}
