package org.vmlog.ship;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.vmlog.logs.Layout;
import org.vmlog.logs.LogCursor;
import org.vmlog.testing.Await;

/** With an engine in memory and the sink's own files. */
@Timeout(120)
class ShipperTest {
  private static final int BATCH_BYTES = 1000;
  private static final int UNDER_WAY_BYTES = 3000;

  @TempDir Path temp;
  private final RecordingEngine engine = new RecordingEngine();
  private SinkLogs logs;
  private Path state;
  private Shipper shipper;
  private Thread thread;

  @BeforeEach
  void open() throws IOException {
    logs = new SinkLogs(temp, 3, Runnable::run);
    state = temp.resolve("ship");
  }

  @AfterEach
  void close() throws Exception {
    stop();
    logs.close();
  }

  @Test
  void run_linesOfSeveralVms_eachArrivesAndCursorIsSaved() throws Exception {
    logs.write("web", "one\ntwo\n");
    logs.write("db", "three\n");
    start();
    awaitLines("web", "one", "two");
    awaitLines("db", "three");
    logs.write("web", "four\n");
    awaitLines("web", "one", "two", "four");
    Await.until(
        "cursors are saved while it runs",
        () -> Files.exists(state.resolve("cursors")) && cursor("web").offset() == 13);
    assertThat(engine.arrived().keySet())
        .contains("host-1/alice/web/%016x@8".formatted(cursor("web").file()));
  }

  @Test
  void run_again_goesOnWhereItWas() throws Exception {
    logs.write("web", "one\n");
    start();
    awaitLines("web", "one");
    stop();
    logs.write("web", "two\n");
    start();
    awaitLines("web", "one", "two");
    stop();
    assertThat(engine.arrived().values()).containsExactly(List.of("one"), List.of("two"));
  }

  @Test
  void run_notAcknowledged_sentAgainByTheNext() throws Exception {
    engine.atOnce(false);
    logs.write("web", "one\n");
    start();
    Await.until("it is sent", () -> engine.waiting() == 1);
    stop();
    engine.atOnce(true);
    start();
    Await.until(
        "it is sent again",
        () -> List.copyOf(engine.arrived().values()).equals(List.of(List.of("one", "one"))));
  }

  @Test
  void run_nothingIsAcknowledged_soMuchUnderWayAndNoMore() throws Exception {
    engine.atOnce(false);
    for (int vm = 0; vm < 10; vm++) {
      logs.write("vm" + vm, ("x".repeat(99) + "\n").repeat(50));
    }
    start();
    awaitStatus("state buffers-full");
    assertThat(engine.waiting()).isEqualTo(UNDER_WAY_BYTES / BATCH_BYTES);
    engine.atOnce(true);
    for (int i = 0; i < UNDER_WAY_BYTES / BATCH_BYTES; i++) {
      engine.answer(Outcome.ACKNOWLEDGED);
    }
    for (int vm = 0; vm < 10; vm++) {
      String name = "vm" + vm;
      Await.until("all has arrived of " + name, () -> engine.lines(name).size() == 50);
    }
    awaitStatus("state ready");
  }

  @Test
  void run_engineIsNotReady_nothingIsSentUntilItIs() throws Exception {
    engine.state(new EngineState(EngineState.Kind.TOPIC_MISSING, "no such topic"));
    logs.write("web", "one\n");
    start();
    awaitStatus("state topic-missing\ndetail no such topic");
    assertThat(engine.sent()).isZero();
    engine.state(EngineState.READY);
    awaitLines("web", "one");
  }

  @Test
  void run_engineTakesLittle_batchesBecomeSmaller() throws Exception {
    engine.takes(150);
    List<String> lines =
        IntStream.range(0, 40).mapToObj(i -> "line " + i + "x".repeat(50)).toList();
    logs.write("web", String.join("\n", lines) + "\n");
    start();
    awaitLines("web", lines.toArray(String[]::new));
  }

  /** Nothing is passed over, and nobody else waits. */
  @Test
  void run_oneLineIsTooLarge_thatLogWaitsAndSaysSo() throws Exception {
    engine.takes(500);
    logs.write("web", "one\n" + "x".repeat(600) + "\nthree\n");
    logs.write("db", "four\n");
    start();
    awaitLines("db", "four");
    awaitStatus("state message-too-large");
    awaitStatus("too_large_in alice/web");
    assertThat(engine.lines("web")).containsExactly("one");
    engine.takes(5000);
    awaitLines("web", "one", "x".repeat(600), "three");
    awaitStatus("state ready");
  }

  @Test
  void run_answerIsRetry_sentAgain() throws Exception {
    engine.atOnce(false);
    logs.write("web", "one\n");
    start();
    Await.until("it is sent", () -> engine.waiting() == 1);
    engine.atOnce(true);
    engine.answer(Outcome.RETRY);
    awaitStatus("retries 1");
    awaitStatus("records 1");
  }

  @Test
  void run_quotaTakesWhatWasNotShipped_oneGapIsShippedAndCounted() throws Exception {
    engine.state(new EngineState(EngineState.Kind.UNREACHABLE, "away"));
    logs.write("web", "lost\n");
    start();
    awaitStatus("behind_bytes 5");
    for (int i = 0; i < 4; i++) {
      logs.rotate("web");
      logs.write("web", "more " + i + "\n");
    }
    awaitStatus("behind_bytes 28");
    engine.state(EngineState.READY);
    awaitLines("web", "more 0", "more 1", "more 2", "more 3");
    assertThat(engine.gaps())
        .singleElement()
        .satisfies(gap -> assertThat(gap.bytes()).isEqualTo(5));
    awaitStatus("gaps 1\ngap_bytes 5");
  }

  @Test
  void run_oneFileIsGarbage_isNamedAndAllElseArrives() throws Exception {
    logs.write("web", "one\n");
    logs.write("db", "two\n");
    Path garbage = Files.write(logs.file("db", ".2.gz"), new byte[20]);
    start();
    awaitLines("web", "one");
    awaitLines("db", "two");
    awaitStatus("state file-unreadable");
    awaitStatus("unreadable_files 1\nunreadable alice/db.log.2.gz");
    Files.delete(garbage);
    awaitStatus("state ready");
    awaitStatus("unreadable_files 0");
  }

  private void start() throws IOException {
    shipper =
        new Shipper(
            logs.directory,
            logs.state,
            Layout.PLAIN,
            engine,
            new CursorStore(state),
            new ShipStatus(state),
            BATCH_BYTES,
            UNDER_WAY_BYTES);
    Shipper running = shipper;
    thread =
        new Thread(
            () -> {
              try {
                running.run(Duration.ZERO);
              } catch (InterruptedException e) {
                throw new AssertionError(e);
              }
            });
    thread.start();
  }

  private void stop() throws InterruptedException {
    if (shipper != null) {
      shipper.stop();
      thread.join();
      shipper.close();
    }
  }

  private LogCursor cursor(String vm) throws IOException {
    return new CursorStore(state).load().get("alice/" + vm);
  }

  private void awaitLines(String vm, String... lines) {
    Await.until(
        "all of " + vm + " has arrived",
        () -> engine.lines(vm).equals(List.of(lines)),
        () -> engine.lines(vm).toString());
  }

  private void awaitStatus(String lines) {
    Path file = state.resolve("status");
    Await.until(
        "the status says " + lines,
        () -> Files.exists(file) && ("\n" + Files.readString(file)).contains("\n" + lines + "\n"),
        () -> {
          try {
            return Files.readString(file);
          } catch (IOException e) {
            return e.toString();
          }
        });
  }
}
