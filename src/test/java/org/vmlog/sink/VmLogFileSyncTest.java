package org.vmlog.sink;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What is forced to the disk and when, as strace(1) sees it, and what happens when that fails. */
@Timeout(120)
class VmLogFileSyncTest {
  @TempDir Path temp;
  private Traced traced;

  /** sync = "always": fdatasync, too, before anything is acknowledged. */
  @Test
  void always_eachWrite_isForcedBeforeItIsCounted() throws Exception {
    assertThat(run(SyncMode.ALWAYS, "trace=fdatasync")).containsOnly("written 7");
    assertThat(calls("fdatasync")).hasSize(4).allMatch(call -> call.endsWith("= 0"));
    assertThat(log()).hasContent("line 0\nline 1\nline 2\nline 3\n");
  }

  /** An fdatasync error is never acknowledged; a second one on the same descriptor not trusted. */
  @Test
  void always_forcingFails_failsTheWriteAndOpensTheFileAnew() throws Exception {
    assertThat(
            run(
                SyncMode.ALWAYS,
                "trace=fdatasync,openat,close",
                "-e",
                "inject=fdatasync:error=EIO:when=2"))
        .containsExactly(
            "written 7", "failed after 0: Input/output error", "written 7", "written 7");

    List<String> calls = calls("fdatasync", "close", "web.log");
    int failed = index(calls, 0, "(INJECTED)");
    String descriptor = calls.get(failed).replaceFirst(".*fdatasync\\((\\d+).*", "$1");
    int closed = index(calls, failed, "close(" + descriptor + ")");
    int opened = index(calls, closed, "web.log");
    int forced = index(calls, failed + 1, "fdatasync(");
    assertThat(List.of(failed, closed, opened, forced)).isSorted();
    // A whole line, once written, is never taken back.
    assertThat(log()).hasContent("line 0\nline 1\nline 2\nline 3\n");
  }

  /** sync = "interval": not before the write is counted, but before the file is let go of. */
  @Test
  void interval_writes_areForcedTogether() throws Exception {
    assertThat(run(SyncMode.INTERVAL, "trace=fdatasync")).containsOnly("written 7, sync due");
    assertThat(calls("fdatasync")).hasSizeBetween(1, 4);
  }

  /** sync = "never": the kernel decides. */
  @Test
  void never_writes_areNotForced() throws Exception {
    assertThat(run(SyncMode.NEVER, "trace=fdatasync")).containsOnly("written 7");
    assertThat(calls("fdatasync")).isEmpty();
  }

  private List<String> run(SyncMode mode, String... options) throws Exception {
    List<String> strace = new ArrayList<>(List.of("-e"));
    strace.addAll(List.of(options));
    String folder = temp.resolve("logs").toString();
    traced = Traced.run(temp, strace, SyncProbe.class, folder, mode.name());
    assertThat(traced.wasKilled()).isFalse();
    return traced.output();
  }

  private List<String> calls(String... parts) throws IOException {
    return traced.calls(parts);
  }

  private static int index(List<String> calls, int from, String part) {
    for (int i = from; i < calls.size(); i++) {
      if (calls.get(i).contains(part)) {
        return i;
      }
    }
    throw new AssertionError("no " + part + " after call " + from + " of " + calls);
  }

  private Path log() {
    return temp.resolve("logs/alice/web.log");
  }
}
