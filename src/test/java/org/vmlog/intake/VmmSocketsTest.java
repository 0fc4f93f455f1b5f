package org.vmlog.intake;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.vmlog.intake.IntakeFixture.dropped;
import static org.vmlog.intake.IntakeFixture.written;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vmlog.platform.DatagramListener;
import org.vmlog.platform.DatagramSender;
import org.vmlog.platform.DatagramSender.Outcome;
import org.vmlog.platform.PrivateFolder;
import org.vmlog.platform.SocketAccess;
import org.vmlog.route.Route;
import org.vmlog.testing.Await;
import org.vmlog.testing.BlockingSink;
import org.vmlog.testing.RecordingSink;

class VmmSocketsTest {
  private static final String FULL = "records dropped (pipe full)";

  @TempDir private Path folder;
  private final IntakeFixture.Options options = new IntakeFixture.Options();
  private IntakeFixture fixture;
  private final AtomicBoolean clockFails = new AtomicBoolean();
  private VmmSockets sockets;
  private VmmSockets.Handle handle;
  private Route route;
  private DatagramSender sender;

  @AfterEach
  void end() {
    sender.close();
    sockets.close();
    fixture.close();
  }

  @Test
  void read_datagrams_areParsedAndWrittenInOrder() throws IOException {
    open();
    send("<11>Feb  2 01:02:03 crosvm[1]: first");
    send("no priority\nand two lines");
    RecordingSink sink = (RecordingSink) options.sink;
    Await.until("both are written", () -> written(sink) == 2);
    assertThat(sink.lines())
        .containsExactly(
            "<27>Mar  1 12:00:00 web crosvm[1]: first",
            "<29>Mar  1 12:00:00 web no priority#012and two lines");
  }

  @Test
  void read_datagramOverTheLimit_isCutAfterAWholeCharacter() throws IOException {
    open();
    send("x" + "\u00e9".repeat(40_000));
    RecordingSink sink = (RecordingSink) options.sink;
    Await.until("it is written", () -> written(sink) == 1);
    int kept = (DatagramListener.MAX_BYTES - 1) / 2;
    assertThat(sink.lines().get(0))
        .isEqualTo("<29>Mar  1 12:00:00 web x" + "\u00e9".repeat(kept) + "#[cut]");
  }

  @Test
  void read_pipeWasFull_goesOnAndEveryDatagramIsWrittenOrCounted() throws IOException {
    BlockingSink sink = blocked();
    int sent = fillUp(1000) + 1;
    sink.release();
    for (; sent < 2000; sent++) {
      sendPatiently("after %04d".formatted(sent));
    }
    int all = sent;
    Await.until(
        "all are accounted for",
        () -> written(sink.target()) + dropped(sink.target(), FULL) == all);
    List<String> after =
        sink.target().lines().stream().filter(line -> line.contains("after")).toList();
    assertThat(after.equals(List.copyOf(new TreeSet<>(after)))).as("in order, each once").isTrue();
  }

  @Test
  void read_pipeStaysFull_readsOnAndCountsWhatItDrops() throws IOException {
    BlockingSink sink = blocked();
    int sent = 1;
    for (; sent < 600; sent++) {
      sendPatiently("x".repeat(500)); // far more than the pipe and the kernel's queue hold
    }
    sink.release();
    int all = sent;
    Await.until(
        "all are accounted for",
        () -> written(sink.target()) + dropped(sink.target(), FULL) == all);
    assertThat(dropped(sink.target(), FULL)).isPositive();
  }

  @Test
  void read_datagramThatCannotBeParsed_isCountedAndTheOthersAreRead() throws IOException {
    open();
    clockFails.set(true);
    send("<11>Feb  2 01:02:03 crosvm[1]: first");
    RecordingSink sink = (RecordingSink) options.sink;
    Await.until("it is counted", () -> dropped(sink, "records dropped (malformed)") == 1);
    clockFails.set(false);
    send("<11>Feb  2 01:02:03 crosvm[1]: second");
    Await.until("the next is written", () -> written(sink) == 1);
    Await.value(sockets.whenResponsive());
    assertThat(sink.lines())
        .containsExactly(
            "<44>Mar  1 12:00:00 web forwarder: 1 records dropped (malformed)",
            "<27>Mar  1 12:00:00 web crosvm[1]: second");
  }

  @Test
  void close_datagramsWait_theirLastWordsAreWritten() throws IOException {
    open();
    for (int i = 0; i < 8; i++) {
      send("last words " + i);
    }
    handle.close();
    Await.value(fixture.router.closeAll());
    RecordingSink sink = (RecordingSink) options.sink;
    assertThat(sink.lines()).hasSize(8).allMatch(line -> line.contains("last words"));
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void close_pipeIsFull_endsWithEveryDatagramWrittenOrCounted() throws IOException {
    BlockingSink sink = blocked();
    int sent = fillUp(1000) + 1;
    handle.close();
    sink.release();
    Await.value(fixture.router.closeAll());
    assertThat(written(sink.target()) + dropped(sink.target(), FULL)).isEqualTo(sent);
  }

  @Test
  void close_vmmSendsOnAndOn_endsAllTheSame() throws Exception {
    open();
    AtomicBoolean stop = new AtomicBoolean();
    CompletableFuture<Void> flooding = new CompletableFuture<>();
    Thread flood =
        IntakeFixture.thread(
            () -> {
              while (!stop.get()) {
                Outcome outcome = sender.send(bytes("flood"));
                if (outcome == Outcome.SENT) {
                  flooding.complete(null);
                }
              }
            });
    flood.start();
    Await.value(flooding);
    handle.close();
    stop.set(true);
    flood.join();
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void close_handleTwiceOrAfterAllSockets_isQuiet() throws IOException {
    open();
    handle.close();
    handle.close();
    VmmSockets.Handle second = open("b.lsock");
    sockets.close();
    second.close();
    assertThatThrownBy(() -> open("c.lsock")).isInstanceOf(IOException.class);
  }

  @Test
  void close_allSocketsWhileOneIsStalled_pipeGoesOn() throws IOException {
    BlockingSink sink = blocked();
    int sent = fillUp(1000) + 1;
    sockets.close();
    sink.release();
    Await.value(fixture.router.closeAll());
    assertThat(written(sink.target()) + dropped(sink.target(), FULL)).isEqualTo(sent);
    assertThat(sink.target().isClosed()).isTrue();
  }

  private BlockingSink blocked() throws IOException {
    BlockingSink sink = new BlockingSink();
    options.sink = sink;
    options.pipeBytes = 64 << 10;
    open();
    send("first");
    sink.awaitBlocked();
    return sink;
  }

  /** Sends until the socket is not read any more; answers how many were taken. */
  private int fillUp(int size) {
    int sent = 0;
    int refusals = 0;
    while (refusals < 3) {
      if (sender.send(bytes("x".repeat(size))) == Outcome.SENT) {
        sent++;
        refusals = 0;
      } else {
        refusals++;
        pause();
      }
    }
    return sent;
  }

  private static void pause() {
    try {
      Thread.sleep(2);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private void sendPatiently(String datagram) {
    Await.until("it is taken", () -> sender.send(bytes(datagram)) == Outcome.SENT);
  }

  private void send(String datagram) {
    assertThat(sender.send(bytes(datagram))).isEqualTo(Outcome.SENT);
  }

  private static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(UTF_8));
  }

  private void open() throws IOException {
    fixture = new IntakeFixture(options);
    route = fixture.router.open(fixture.start());
    sockets =
        VmmSockets.start(
            IntakeFixture::thread, IntakeFixture.parser(), this::now, new IntakeCounters());
    handle = open("a.lsock");
    sender = new DatagramSender(folder.resolve("a.lsock"));
  }

  /** A fault where a datagram is parsed, which has none that is known. */
  private Instant now() {
    if (clockFails.get()
        && StackWalker.getInstance()
            .walk(frames -> frames.anyMatch(one -> one.getMethodName().equals("parse")))) {
      throw new IllegalStateException("the clock of this test fails");
    }
    return IntakeFixture.CLOCK.instant();
  }

  private VmmSockets.Handle open(String name) throws IOException {
    try (PrivateFolder opened = PrivateFolder.open(folder, List.of())) {
      DatagramListener listener =
          DatagramListener.bind(opened, name, new SocketAccess(0600, Optional.empty()));
      return sockets.read(listener, route);
    }
  }
}
