package org.vmlog.acceptance;

import static org.assertj.core.api.Assertions.as;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;
import org.vmlog.proto.vmtools.LogRequest;
import org.vmlog.testing.Await;
import org.vmlog.testing.ForwarderProcess;
import org.vmlog.testing.Guest;
import org.vmlog.testing.LogFiles;
import org.vmlog.testing.ProcessFacts;
import org.vmlog.testing.RawHttp2;
import org.vmlog.testing.StreamGuest;

/**
 * A hostile guest on raw sockets, against one forwarder. Beside each attack another VM logs on, and
 * must neither be refused nor lose a line; what its answers took is printed.
 */
class AttackTest {
  /**
   * What the daemon allows a peer, 10 s and 5 s to notice, and as much again for a busy machine.
   */
  private static final Duration SLOW_PEER = Duration.ofSeconds(30);

  private static final Duration SILENT_PEER = Duration.ofSeconds(70);
  private static final int MIB = 1 << 20;

  @TempDir static Path folder;
  private static ForwarderProcess forwarder;
  private static Path badSocket;
  private static Path pushSocket;
  private static Guest good;
  private static final ExecutorService THREADS = Executors.newCachedThreadPool();

  private final AtomicBoolean attackOver = new AtomicBoolean();
  private Future<long[]> goodLatencies;

  @BeforeAll
  static void start() throws IOException {
    String config =
        ForwarderProcess.configIn(folder)
            + """
            [dbus]
            address = false
            [[vm]]
            owner = "alice"
            name = "bad"
            [[vm]]
            owner = "alice"
            name = "pushy"
            [[vm]]
            owner = "alice"
            name = "good"
            """;
    forwarder = ForwarderProcess.start(ForwarderProcess.write(folder, config));
    badSocket = folder.resolve("run/vm/alice/bad.grpc");
    pushSocket = folder.resolve("run/vm/alice/pushy.grpc");
    good = Guest.on(folder.resolve("run/vm/alice/good.grpc"));
  }

  @AfterAll
  static void stop() throws IOException {
    good.close();
    THREADS.shutdownNow();
    assertThat(forwarder.terminate()).as(forwarder.log()).isZero();
    forwarder.close();
  }

  @BeforeEach
  void logOn() {
    goodLatencies = THREADS.submit(this::logUntilTheAttackIsOver);
  }

  private long[] logUntilTheAttackIsOver() throws InterruptedException {
    List<Long> nanos = new ArrayList<>();
    do {
      long began = System.nanoTime();
      good.send(Guest.Method.USER, request("line " + nanos.size()));
      nanos.add(System.nanoTime() - began);
      Thread.sleep(2);
    } while (!attackOver.get());
    return nanos.stream().mapToLong(Long::longValue).sorted().toArray();
  }

  @AfterEach
  void others_areServedAllTheWhile(TestInfo test) throws Exception {
    attackOver.set(true);
    long[] nanos = goodLatencies.get(60, TimeUnit.SECONDS); // throws if one request failed
    System.out.printf(
        "%s: the other VM's acks p50 %.1f ms, p99 %.1f ms of %d; RSS %d MiB%n",
        test.getDisplayName(),
        nanos[nanos.length / 2] / 1e6,
        nanos[nanos.length * 99 / 100] / 1e6,
        nanos.length,
        rssBytes() / MIB);
    // Its programs' lines: a test may have sent its kernel's beside them, in any order.
    assertThat(LogFiles.lines(folder.resolve("logs/alice/good.log")))
        .filteredOn(line -> !line.contains(" good kernel: "))
        .last(as(InstanceOfAssertFactories.STRING))
        .endsWith("line " + (nanos.length - 1));
  }

  private static LogRequest request(String content) {
    return LogRequest.newBuilder().addRecords(Guest.record(1_700_000_000, content)).build();
  }

  private static long rssBytes() throws IOException {
    return (long) (new ProcessFacts(forwarder.pid()).residentMb() * MIB);
  }

  /** Slowloris: closed after 15 s, a connection with nothing but its preface after 30 s. */
  @Test
  void slowPeers_areClosed() throws Exception {
    try (RawHttp2 silent = RawHttp2.connect(badSocket);
        RawHttp2 prefaceOnly = RawHttp2.connect(badSocket).preface();
        RawHttp2 headersOnly = RawHttp2.connect(badSocket).preface().callHeaders(1);
        RawHttp2 endlessBody = RawHttp2.connect(badSocket).preface().callHeaders(1);
        RawHttp2 noWindow = RawHttp2.connect(badSocket).prefaceWithoutWindow();
        RawHttp2 pushOfNothing = RawHttp2.connect(pushSocket).preface().pushHeaders(1);
        RawHttp2 endlessBatch = RawHttp2.connect(pushSocket).preface().pushHeaders(1);
        RawHttp2 idlePush = RawHttp2.connect(pushSocket).preface().pushHeaders(1)) {
      byte[] idle = StreamGuest.hello("idle").toByteArray();
      idlePush.message(1, idle.length, idle, false);
      byte[] endless = StreamGuest.hello("endless").toByteArray();
      endlessBatch.message(1, endless.length, endless, false);
      endlessBatch.message(1, MIB, new byte[100], false);
      endlessBody.message(1, MIB, new byte[100], false);
      byte[] request = request("no window").toByteArray();
      noWindow.callHeaders(1).message(1, request.length, request, true);
      List<Future<Boolean>> closed =
          THREADS.invokeAll(
              List.of(
                  closes(silent, SLOW_PEER),
                  closes(headersOnly, SLOW_PEER),
                  closes(endlessBody, SLOW_PEER),
                  closes(noWindow, SLOW_PEER),
                  closes(prefaceOnly, SILENT_PEER),
                  closes(pushOfNothing, SLOW_PEER),
                  closes(endlessBatch, SLOW_PEER)));
      assertThat(closed.get(0).get()).as("silent").isTrue();
      assertThat(closed.get(1).get()).as("headers only").isTrue();
      assertThat(closed.get(2).get()).as("a body that never ends").isTrue();
      assertThat(closed.get(3).get()).as("no window for the answer").isTrue();
      assertThat(closed.get(4).get()).as("preface only").isTrue();
      assertThat(closed.get(5).get()).as("a Push without a message").isTrue();
      assertThat(closed.get(6).get()).as("a Push's message that never ends").isTrue();
      assertThat(idlePush.drain()).as("a Push that has nothing to say is open").isTrue();
    }
  }

  private static Callable<Boolean> closes(RawHttp2 peer, Duration patience) {
    return () -> peer.isClosedWithin(patience);
  }

  /**
   * Eight Pushes with messages of 3 MiB, read no further while their source is over its rate: the
   * budget is theirs to lose, and not that of a large request of another VM.
   */
  @Test
  void pushesOfLargeMessages_takeNoMoreThanTheBudget() throws Exception {
    LogRequest.Builder batch = LogRequest.newBuilder();
    for (int i = 0; i < 60_000; i++) {
      batch.addRecords(Guest.record(1_700_000_000, "x".repeat(40)));
    }
    LogRequest large = StreamGuest.numbered(1, 10_000);
    List<Guest> guests = new ArrayList<>();
    List<StreamGuest> pushes = new ArrayList<>();
    try (Guest other = Guest.on(folder.resolve("run/vm/alice/good.grpc"))) {
      for (int i = 0; i < 8; i++) {
        if (i % 2 == 0) {
          guests.add(Guest.on(pushSocket));
        }
        StreamGuest push = StreamGuest.push(guests.get(i / 2), "stream-" + i);
        pushes.add(push.send(1, batch.build()).send(60_001, batch.build()));
      }
      Await.until("one is refused", () -> pushes.stream().anyMatch(StreamGuest::hasEnded));
      other.send(Guest.Method.KERNEL, large);
    } finally {
      pushes.forEach(StreamGuest::close);
      guests.forEach(Guest::close);
    }
    assertThat(pushes)
        .extracting(push -> push.status().getCode())
        .contains(Status.Code.UNAVAILABLE)
        .containsOnly(Status.Code.UNAVAILABLE, Status.Code.CANCELLED);
    assertThat(forwarder.log()).doesNotContain("OutOfMemoryError");
  }

  @Test
  void rapidReset_isClosed() throws Exception {
    try (RawHttp2 peer = RawHttp2.connect(badSocket).preface()) {
      assertClosed(
          peer,
          stream -> {
            peer.callHeaders(stream);
            peer.frame(RawHttp2.RST_STREAM, 0, stream, new byte[] {0, 0, 0, 8});
          });
    }
  }

  /** The server is brought to reset its own streams: WINDOW_UPDATE by nothing is an error. */
  @Test
  void madeYouReset_isClosed() throws Exception {
    try (RawHttp2 peer = RawHttp2.connect(badSocket).preface()) {
      assertClosed(
          peer,
          stream -> {
            peer.callHeaders(stream);
            peer.frame(RawHttp2.WINDOW_UPDATE, 0, stream, new byte[4]);
          });
    }
  }

  @Test
  void pingFlood_isClosed() throws Exception {
    try (RawHttp2 peer = RawHttp2.connect(badSocket).preface()) {
      assertClosed(peer, stream -> peer.frame(RawHttp2.PING, 0, 0, new byte[8]));
    }
  }

  @Test
  void continuationFlood_isClosed() throws Exception {
    try (RawHttp2 peer = RawHttp2.connect(badSocket).preface()) {
      peer.frame(RawHttp2.HEADERS, 0, 1, RawHttp2.headers());
      byte[] more = {0, 1, 'a', 1, 'b'};
      assertClosed(peer, stream -> peer.frame(RawHttp2.CONTINUATION, 0, 1, more));
    }
  }

  /** Answers to settings that nobody reads: they must not gather in the server without end. */
  @Test
  void settingsFlood_neverRead_takesNoMemory() throws Exception {
    long before = rssBytes();
    try (RawHttp2 peer = RawHttp2.connect(badSocket).preface()) {
      for (int i = 0; i < 50_000; i++) {
        peer.frame(RawHttp2.SETTINGS, 0, 0, new byte[0]);
      }
    } catch (IOException e) {
      // Closed in the middle of it, which is as good.
    }
    assertThat(rssBytes() - before).isLessThan(32L * MIB);
  }

  private interface Attack {
    void step(int stream) throws IOException;
  }

  private static void assertClosed(RawHttp2 peer, Attack attack) throws Exception {
    try {
      for (int i = 0; i < 20_000; i++) {
        attack.step(2 * i + 1);
        if (i % 50 == 0 && !peer.drain()) {
          return;
        }
      }
    } catch (IOException e) {
      return; // closed by the server while we wrote
    }
    assertThat(peer.isClosedWithin(SLOW_PEER)).isTrue();
  }

  /** 8 connections for each VM; what is over is closed, and another VM always gets in. */
  @Test
  void manyConnections_allButEightAreClosed() throws Exception {
    List<RawHttp2> peers = new ArrayList<>();
    try {
      for (int i = 0; i < 500; i++) {
        peers.add(RawHttp2.connect(badSocket));
      }
      int open = 0;
      for (RawHttp2 peer : peers) {
        open += peer.isClosedWithin(Duration.ofMillis(open < 8 ? 500 : 5000)) ? 0 : 1;
      }
      assertThat(open).isLessThanOrEqualTo(8);
      try (Guest newcomer = Guest.on(folder.resolve("run/vm/alice/good.grpc"))) {
        newcomer.send(Guest.Method.KERNEL, request("from another connection"));
      }
    } finally {
      for (RawHttp2 peer : peers) {
        peer.close();
      }
    }
  }

  /**
   * Every call of every connection sends all but the end of the largest request there may be: 128
   * MiB in all, of which the server takes a source's half of its memory, 12 MiB in arrays that are
   * more than half full, and refuses the rest.
   */
  @Test
  void unfinishedLargeRequests_takeNoMoreThanTheirBudget() throws Exception {
    long before = rssBytes();
    byte[] part = new byte[16_000];
    long sent = 0;
    int refused = 0;
    List<RawHttp2> peers = new ArrayList<>();
    try {
      for (int i = 0; i < 8; i++) {
        RawHttp2 peer = admitted();
        peers.add(peer);
        for (int stream = 1; stream < 8; stream += 2) {
          peer.callHeaders(stream).message(stream, 4 * MIB, new byte[0], false);
        }
      }
      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(8); // before they count as slow
      while (refused < 8 && System.nanoTime() < deadline) {
        refused = 0;
        for (RawHttp2 peer : peers) {
          peer.drain();
          for (int stream = 1; stream < 8; stream += 2) {
            sent += peer.more(stream, part) ? part.length : 0;
            refused += peer.isReset(stream) ? 1 : 0;
          }
        }
      }
      assertThat(rssBytes() - before).isLessThan(32L * MIB);
      assertThat(refused).as("requests refused").isPositive();
      assertThat(sent).as("bytes sent").isBetween(6L * MIB, 16L * MIB);
    } finally {
      for (RawHttp2 peer : peers) {
        peer.close();
      }
    }
  }

  /**
   * A byte of a request, then frames of no meaning that fill the rest of what the server reads at
   * once, on every call of every connection: it must not hold all of it for the byte.
   */
  @Test
  void requestsInCrumbs_takeNoMoreThanTheirBudget() throws Exception {
    long before = rssBytes();
    byte[] filler = new byte[16_000];
    List<RawHttp2> peers = new ArrayList<>();
    try {
      for (int i = 0; i < 8; i++) {
        RawHttp2 peer = admitted();
        peers.add(peer);
        for (int stream = 1; stream < 8; stream += 2) {
          peer.callHeaders(stream).message(stream, 4 * MIB, new byte[0], false);
        }
      }
      for (int round = 0; round < 30; round++) { // 60 MiB of fillers
        for (RawHttp2 peer : peers) {
          peer.drain();
          for (int stream = 1; stream < 8; stream += 2) {
            peer.frame(RawHttp2.DATA, 0, stream, new byte[1]);
            for (int i = 0; i < 4; i++) {
              peer.frame(RawHttp2.UNKNOWN, 0, stream, filler);
            }
          }
        }
      }
      assertThat(rssBytes() - before).isLessThan(32L * MIB);
    } finally {
      for (RawHttp2 peer : peers) {
        peer.close();
      }
    }
  }

  /** A connection that the daemon keeps: it may still be counting those of the test before. */
  private static RawHttp2 admitted() throws Exception {
    while (true) {
      RawHttp2 peer = RawHttp2.connect(badSocket);
      try {
        if (!peer.isClosedWithin(Duration.ofMillis(200))) {
          return peer.preface();
        }
      } catch (IOException e) {
        // It was closed a little later.
      }
      peer.close();
    }
  }

  /** Two million empty records in 4 MiB: as many as may be are written, the rest is counted. */
  @Test
  void twoMillionEmptyRecords_areWrittenOrCounted() throws Exception {
    byte[] request = new byte[4 * MIB - 64];
    for (int i = 0; i < request.length; i += 2) {
      request[i] = 0x0a; // field 1, a record; its length is the 0 that follows
    }
    long before = rssBytes();
    int linesBefore = (int) lines("bad");
    try (Guest bad = Guest.on(badSocket)) {
      bad.send(Guest.Method.USER, request);
    }
    assertThat(rssBytes() - before).isLessThan(32L * MIB);
    List<String> lines = Files.readAllLines(folder.resolve("logs/alice/bad.log"));
    assertThat(lines)
        .last()
        .asString()
        .endsWith(
            " bad forwarder: %d records dropped (too many records in one request)"
                .formatted(request.length / 2 - 65_536));
    assertThat(LogFiles.records(lines.subList(linesBefore, lines.size())))
        .isEqualTo(request.length / 2);
  }

  /** One record of 4 MiB of NUL, which would render to 12 MiB: cut to the pipe, and counted. */
  @Test
  void oneRecordOfNul_isCutAndCounted() throws Exception {
    long before = rssBytes();
    try (Guest bad = Guest.on(badSocket)) {
      byte[] content = new byte[4 * MIB - 100];
      LogRequest request =
          LogRequest.newBuilder()
              .addRecords(
                  Guest.record(org.vmlog.proto.vmtools.LogSeverity.INFO, 1_700_000_000, content))
              .build();
      bad.send(Guest.Method.USER, request);
    }
    assertThat(rssBytes() - before).isLessThan(32L * MIB);
    List<String> lines = Files.readAllLines(folder.resolve("logs/alice/bad.log"));
    String cut = lines.get(lines.size() - 2);
    assertThat(cut).contains(" bad #000#000").endsWith("#000#[cut, 4194204 bytes]");
    assertThat(cut.length()).isLessThan(MIB);
    assertThat(lines.get(lines.size() - 1)).endsWith(" forwarder: 1 records cut (line too long)");
  }

  /** 65 536 empty records, the most there may be: written in chunks. */
  @Test
  void mostRecordsThereMayBe_areAllWritten() throws Exception {
    byte[] request = new byte[2 * 65_536];
    for (int i = 0; i < request.length; i += 2) {
      request[i] = 0x0a;
    }
    long before = rssBytes();
    long linesBefore = lines("bad");
    try (Guest bad = Guest.on(badSocket)) {
      bad.send(Guest.Method.KERNEL, request);
    }
    assertThat(rssBytes() - before).isLessThan(32L * MIB);
    assertThat(lines("bad") - linesBefore).isEqualTo(65_536);
  }

  private static long lines(String vm) throws IOException {
    Path file = folder.resolve("logs/alice/" + vm + ".log");
    return Files.exists(file) ? Files.readAllLines(file).size() : 0;
  }

  /** Malformed bytes get a clean status, and leave nothing. */
  @Test
  void malformedRequests_areRefused() throws Exception {
    long linesBefore = lines("bad");
    try (Guest bad = Guest.on(badSocket)) {
      for (byte[] request :
          Arrays.asList(
              new byte[] {0x0a, (byte) 0xff},
              new byte[] {0x00},
              new byte[] {0x0c},
              new byte[] {(byte) 0xff, (byte) 0xff, (byte) 0xff, (byte) 0xff, (byte) 0xff, 0x7f})) {
        assertThat(
                org.assertj.core.api.Assertions.catchThrowable(
                    () -> bad.send(Guest.Method.USER, request)))
            .hasMessageStartingWith("INVALID_ARGUMENT: ");
      }
    }
    assertThat(lines("bad")).isEqualTo(linesBefore);
  }
}
