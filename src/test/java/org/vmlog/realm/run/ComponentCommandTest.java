package org.vmlog.realm.run;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.vmlog.bus.BusException;
import org.vmlog.identity.ComponentId;
import org.vmlog.identity.SourceIdentity;
import org.vmlog.platform.Descriptor;
import org.vmlog.platform.StreamSocket;
import org.vmlog.platform.Threads;
import org.vmlog.testing.Await;
import org.vmlog.testing.DbusSend;
import org.vmlog.testing.Realms;
import org.vmlog.testing.UnansweredCall;
import org.vmlog.wire.LogServer;

/** Real commands, and a server at the other end of their sink. */
@Timeout(60)
final class ComponentCommandTest {
  private static final SourceIdentity CART =
      new SourceIdentity.Component(ComponentId.parse("shop/cart"), "", "");
  private static final Duration PATIENT = Duration.ofSeconds(60);
  private static final Duration IMPATIENT = Duration.ofMillis(1);

  private final ByteArrayOutputStream shown = new ByteArrayOutputStream();
  private final ByteArrayOutputStream unwritten = new ByteArrayOutputStream();
  private ShownLogs logs;
  private volatile LogServer server;

  @BeforeEach
  void start() throws IOException {
    logs = new ShownLogs(shown);
    server = LogServer.start(new LogServer.Settings(1 << 20, 1), logs, Threads.named("server"));
  }

  @AfterEach
  void stop() {
    server.close();
    logs.close();
  }

  private Descriptor open() throws BusException {
    try {
      StreamSocket.Pair pair = StreamSocket.pair();
      server.adopt(pair.left(), CART);
      return pair.right();
    } catch (IOException | RejectedExecutionException e) {
      throw new BusException(BusException.FAILED, "the server is closed: " + e);
    }
  }

  @Test
  void await_command_givesItsExitCodeAndItsLines() throws Exception {
    assertThat(run("echo hello; echo world; exit 7")).isEqualTo(7);
    assertThat(lines()).containsExactly("shop/cart: hello", "shop/cart: world");
  }

  @Test
  void await_commandEndedByASignal_gives128AndItsNumber() throws Exception {
    assertThat(run("echo last; kill -KILL $$")).isEqualTo(137);
    assertThat(lines()).containsExactly("shop/cart: last");
  }

  @Test
  void start_commandThatIsNone_throws() {
    assertThatThrownBy(
            () ->
                ComponentCommand.start(
                    settings(PATIENT, "/no/such/command"), this::open, unwritten))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("error=2,");
  }

  @Test
  void output_thatIsMuch_isCompleteAndInOrder() throws Exception {
    assertThat(run("seq 1 50000")).isZero();
    assertThat(lines())
        .isEqualTo(IntStream.rangeClosed(1, 50_000).mapToObj(i -> "shop/cart: " + i).toList());
  }

  @Test
  void output_lineThatIsTooLong_continuesInTheNextRecord() throws Exception {
    int length = OutputReader.MAX_LINE_BYTES + 10;
    assertThat(run("head -c " + length + " /dev/zero | tr '\\0' x; echo; echo end")).isZero();
    assertThat(lines())
        .containsExactly(
            "shop/cart: " + "x".repeat(OutputReader.MAX_LINE_BYTES),
            "shop/cart: " + "x".repeat(10),
            "shop/cart: end");
  }

  @Test
  void output_ofASinkThatEnds_isSentByTheNext() throws Exception {
    Path fifo = Path.of(System.getProperty("java.io.tmpdir"), "vmlog-" + System.nanoTime());
    assertThat(new ProcessBuilder("mkfifo", fifo.toString()).start().waitFor()).isZero();
    ComponentCommand command =
        ComponentCommand.start(
            settings(PATIENT, "sh", "-c", "echo one; read -r x <" + fifo + "; echo two"),
            this::open,
            unwritten);
    Await.until("the first line is there", () -> !lines().isEmpty());
    server.close(); // as a forwarder that is stopped; the next one comes a while later
    server = LogServer.start(new LogServer.Settings(1 << 20, 1), logs, Threads.named("server"));
    Files.writeString(fifo, "go\n");
    assertThat(command.await()).isZero();
    // What was written, but not yet answered when the sink ended, is there twice.
    assertThat(lines().stream().distinct()).containsExactly("shop/cart: one", "shop/cart: two");
    Files.delete(fifo);
  }

  @Test
  void output_thatNobodyTakes_isGivenBackAsItWas() throws Exception {
    AtomicInteger asked = new AtomicInteger();
    ComponentCommand command =
        ComponentCommand.start(
            settings(IMPATIENT, "sh", "-c", "echo one; echo '<3>two'; printf three"),
            () -> {
              asked.incrementAndGet();
              throw new BusException(BusException.UNKNOWN_SERVICE, "no broker");
            },
            unwritten);
    assertThat(command.await()).isZero();
    assertThat(asked.get()).isPositive();
    assertThat(unwritten.toString(UTF_8)).isEqualTo("one\ntwo\nthree\n");
    assertThat(lines()).isEmpty();
  }

  /** As root the command drops its user first, and so could open no path. */
  @Test
  void sinkDescriptor_isTheComponentsWhateverUserTheCommandBecomes() throws Exception {
    Path request = Files.createTempFile("vmlog-request", "");
    Files.write(request, UnansweredCall.bytes(Realms.request("by descriptor")));
    String drop =
        DbusSend.isAvailable() ? "setpriv --reuid=65534 --regid=65534 --clear-groups " : "";
    String script = "echo out; echo err >&2; exec " + drop + "cat <&9 >&$VMLOG_SINK_FD";
    ComponentCommand.Settings settings =
        new ComponentCommand.Settings(
            List.of("sh", "-c", "exec 9<" + request + "; " + script),
            true,
            Map.of(),
            6,
            6,
            true,
            PATIENT);
    ComponentCommand command = ComponentCommand.start(settings, this::open, unwritten);
    assertThat(command.await()).isZero();
    Await.until("all is there", () -> lines().size() == 3);
    assertThat(lines())
        .containsExactlyInAnyOrder("shop/cart: out", "shop/cart: err", "shop/cart: by descriptor");
    Files.delete(request);
  }

  @Test
  void output_thatIsRefused_isHalvedUntilTheOneLineIsFoundAndGivenBack() throws Exception {
    server.close();
    server = LogServer.start(new LogServer.Settings(4096, 1), logs, Threads.named("server"));
    String script = "seq 1 2000; head -c 5000 /dev/zero | tr '\\0' x; echo; seq 2001 2100";
    ComponentCommand command =
        ComponentCommand.start(settings(PATIENT, "sh", "-c", script), this::open, unwritten);
    assertThat(command.await()).isZero();
    assertThat(lines())
        .isEqualTo(IntStream.rangeClosed(1, 2100).mapToObj(i -> "shop/cart: " + i).toList());
    assertThat(unwritten.toString(UTF_8)).isEqualTo("x".repeat(5000) + "\n");
  }

  /** As a sink's opening does on a host that is busy. */
  @Test
  void awaitTried_sinkThatTakesLong_waitsForIt() throws Exception {
    CountDownLatch released = new CountDownLatch(1);
    OutputQueue queue = new OutputQueue();
    queue.put(OutputLine.of(new byte[] {'x'}, 1, 6, true, Instant.EPOCH));
    queue.end();
    ComponentCommand.Sinks slow =
        () -> {
          try {
            released.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          return open();
        };
    SinkWriter writer = new SinkWriter(slow, queue, line -> {});
    Thread sender = started(writer::sendAll);
    Thread waiter = started(writer::awaitTried);
    Await.until("it opens", () -> sender.getState() == Thread.State.WAITING);
    Await.until("it waits", () -> waiter.getState() == Thread.State.WAITING);
    released.countDown();
    waiter.join();
    sender.join();
    writer.close();
    assertThat(lines()).containsExactly("shop/cart: x");
  }

  private interface Task {
    void run() throws InterruptedException;
  }

  private static Thread started(Task task) {
    Thread thread =
        new Thread(
            () -> {
              try {
                task.run();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
    thread.start();
    return thread;
  }

  @Test
  void outputQueue_thatIsFull_holdsTheWriterUp() throws Exception {
    OutputQueue queue = new OutputQueue();
    byte[] line = new byte[OutputReader.MAX_LINE_BYTES];
    Thread writer =
        new Thread(
            () -> {
              try {
                for (int i = 0; i < 100; i++) {
                  queue.put(OutputLine.of(line, line.length, 6, true, Instant.EPOCH));
                }
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
    writer.start();
    Await.until("it waits", () -> writer.getState() == Thread.State.WAITING);
    int taken = 0;
    int batches = 0;
    while (taken < 100) {
      List<OutputLine> batch = queue.take();
      assertThat(batch.size() * line.length).isLessThanOrEqualTo(OutputQueue.MAX_BATCH_BYTES);
      taken += batch.size();
      batches++;
    }
    assertThat(batches).isGreaterThan(100 * line.length / OutputQueue.MAX_BYTES);
    writer.join();
    queue.end();
    assertThat(queue.take()).isEmpty();
  }

  private int run(String script) throws Exception {
    ComponentCommand command =
        ComponentCommand.start(settings(PATIENT, "sh", "-c", script), this::open, unwritten);
    int code = command.await();
    assertThat(unwritten.size()).isZero();
    return code;
  }

  private static ComponentCommand.Settings settings(Duration patience, String... command) {
    return new ComponentCommand.Settings(List.of(command), false, Map.of(), 6, 6, true, patience);
  }

  private List<String> lines() {
    return shown.toString(UTF_8).lines().toList();
  }
}
