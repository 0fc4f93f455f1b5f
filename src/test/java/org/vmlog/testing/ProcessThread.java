package org.vmlog.testing;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A thread of a process, in which a signal can end a wait, as a profiler's does at any time.
 * Thread-safe.
 */
public record ProcessThread(long pid, long id) {
  /** HotSpot handles it, to suspend a thread, and does nothing where nobody asked for that. */
  private static final int SIGUSR2 = 12;

  private static final int SIGNALS = 40;

  /** What differs from one processor to another. */
  private record Calls(int tgkill, String poll) {}

  /** By os.arch. aarch64 has no poll(2), which ppoll(2) stands in for. */
  private static final Map<String, Calls> CALLS =
      Map.of("amd64", new Calls(234, "7 "), "aarch64", new Calls(131, "73 "));

  /** The one of this name, of which the kernel keeps 15 characters, once it has that. */
  public static ProcessThread named(long pid, String name) throws IOException {
    Await.until("there is a thread " + name, () -> find(pid, name).isPresent());
    return find(pid, name).orElseThrow();
  }

  private static Optional<ProcessThread> find(long pid, String name) throws IOException {
    try (Stream<Path> tasks = Files.list(Path.of("/proc/" + pid + "/task"))) {
      for (Path task : tasks.toList()) {
        try {
          if (Files.readString(task.resolve("comm")).strip().equals(name)) {
            return Optional.of(
                new ProcessThread(pid, Long.parseLong(task.getFileName().toString())));
          }
        } catch (NoSuchFileException e) {
          // It has ended since it was listed.
        }
      }
    }
    return Optional.empty();
  }

  /** Sends signals, each while it waits in poll(2). Skips the test where that cannot be done. */
  public void interruptPolls() throws Exception {
    Calls calls = CALLS.get(System.getProperty("os.arch"));
    assumeTrue(calls != null, "system calls of this processor are not known here");
    assumeTrue(ShellCommand.exists("perl"), "perl is missing");
    Path call = Path.of("/proc/%d/task/%d/syscall".formatted(pid, id));
    assumeTrue(canRead(call), "which call a thread is in may not be seen here (ptrace_scope)");
    String kill =
        "perl -e 'syscall(%d, %d, %d, %d) == 0 or die $!'"
            .formatted(calls.tgkill(), pid, id, SIGUSR2);
    for (int i = 0; i < SIGNALS; i++) {
      Await.until("it polls", () -> Files.readString(call).startsWith(calls.poll()));
      new ShellCommand().run(kill);
    }
  }

  /** Its mode says nothing: who may not trace the process can open it and not read. */
  private static boolean canRead(Path call) {
    try {
      return !Files.readString(call).isEmpty();
    } catch (IOException e) {
      return false;
    }
  }
}
