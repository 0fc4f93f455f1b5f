package org.vmlog.platform;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Real signals from kill(1) to a JVM of their own. */
@Timeout(60)
class ProcessSignalsTest {
  /** Whatever the tests were started under: a shell's background jobs ignore SIGINT. */
  private static final String PLAIN = "exec env --default-signal=INT,HUP,TERM \"$@\"";

  private static final String HANGUP_IGNORED = "trap '' HUP; exec \"$@\"";

  @ParameterizedTest
  @ValueSource(strings = {"TERM", "INT"})
  void onTerminate_signal_endsWithZero(String signal) throws Exception {
    try (Child child = Child.start(PLAIN)) {
      child.kill(signal);

      assertThat(child.exitValue()).isZero();
      assertThat(child.out().lines()).containsExactly("terminated");
    }
  }

  @Test
  void onHangup_twoSignals_areBothHandledAndTheProcessLives() throws Exception {
    try (Child child = Child.start(PLAIN)) {
      child.kill("HUP");
      assertThat(child.out().readLine()).isEqualTo("hangup on SIGHUP handler");
      child.kill("HUP");
      assertThat(child.out().readLine()).isEqualTo("hangup on SIGHUP handler");

      child.kill("TERM");

      assertThat(child.exitValue()).isZero();
      assertThat(child.out().lines()).containsExactly("terminated");
    }
  }

  @Test
  void onHangup_ignoredByTheParent_staysIgnored() throws Exception {
    try (Child child = Child.start(HANGUP_IGNORED)) {
      child.kill("HUP");
      child.kill("TERM");

      assertThat(child.exitValue()).isZero();
      assertThat(child.out().lines()).containsExactly("terminated");
    }
  }

  /** What the child runs. It ends like the daemon: the main thread is woken and exits. */
  static final class Program {
    public static void main(String[] args) throws InterruptedException {
      CountDownLatch end = new CountDownLatch(1);
      ProcessSignals.onHangup(
          () -> System.out.println("hangup on " + Thread.currentThread().getName()));
      ProcessSignals.onTerminate(end::countDown);
      System.out.println("up");
      end.await();
      System.out.println("terminated");
      System.exit(0);
    }
  }

  /** A running child; closing it kills what is left. */
  private record Child(Process process, BufferedReader out) implements AutoCloseable {

    /** Starts it as a shell's script does with its arguments, and waits until it is up. */
    static Child start(String script) throws Exception {
      Process process =
          new ProcessBuilder(
                  "/bin/sh",
                  "-c",
                  script,
                  "sh",
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-XX:+UseSerialGC",
                  "-Xmx16m",
                  "-cp",
                  location(ProcessSignals.class) + ":" + location(Program.class),
                  Program.class.getName())
              .redirectErrorStream(true)
              .start();
      BufferedReader out =
          new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8));
      assertThat(out.readLine()).isEqualTo("up");
      return new Child(process, out);
    }

    void kill(String signal) throws Exception {
      String pid = Long.toString(process.pid()); // The shell's, which is the JVM's after exec.
      assertThat(new ProcessBuilder("kill", "-" + signal, pid).start().waitFor()).isZero();
    }

    int exitValue() throws InterruptedException {
      assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
      return process.exitValue();
    }

    @Override
    public void close() {
      process.destroyForcibly();
    }

    private static String location(Class<?> type) throws Exception {
      return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI()).toString();
    }
  }
}
