package org.vmlog.intake;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.vmlog.intake.IntakeFixture.DROP_HEAD;
import static org.vmlog.intake.IntakeFixture.WEB;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vmlog.identity.Generation;
import org.vmlog.identity.SourceIdentity;
import org.vmlog.identity.SourceIdentity.Refused.Cause;
import org.vmlog.identity.VmId;
import org.vmlog.platform.SocketAccess;
import org.vmlog.record.JournalDecoder;
import org.vmlog.route.SourceLimits;
import org.vmlog.testing.Await;
import org.vmlog.testing.BlockingSink;
import org.vmlog.testing.RecordingSink;
import org.vmlog.wire.Door;
import org.vmlog.wire.ListenAddress;
import org.vmlog.wire.LogServer;
import org.vmlog.wire.PeerIdentifier;
import org.vmlog.wire.Protocol;

/** Journals behind real doors. */
class StreamIntakeTest {
  @TempDir private Path folder;
  private final IntakeFixture.Options options = new IntakeFixture.Options();
  private final IntakeCounters counters = new IntakeCounters();
  private IntakeFixture fixture;
  private GrpcIntake intake;
  private LogServer server;
  private Protocol journal;
  private int doors;

  private void start() throws IOException {
    start(Duration.ZERO);
  }

  private void start(Duration hold) throws IOException {
    start(new LogServer.Settings(1 << 20, 2, hold));
  }

  private void start(LogServer.Settings settings) throws IOException {
    fixture = new IntakeFixture(options);
    intake =
        new GrpcIntake(
            fixture.router,
            fixture.registry,
            new GrpcIntake.Limits(1000, 8, 64, 8192, 65_536),
            IntakeFixture.CLOCK,
            fixture.timer,
            counters);
    server = LogServer.start(settings, intake, IntakeFixture::thread);
    journal =
        server.streams(
            intake.streams(Spoken.JOURNAL, () -> new JournalDecoder(IntakeFixture.CLOCK)));
  }

  @AfterEach
  void end() {
    server.close();
    fixture.close();
  }

  private Path door(PeerIdentifier identifier) throws IOException {
    Path path = folder.resolve("door" + doors++);
    Door unused =
        server.open(
            new ListenAddress.Unix(path, new SocketAccess(0600, Optional.empty())),
            identifier,
            journal);
    return path;
  }

  private static SocketChannel connect(Path door) throws IOException {
    SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
    channel.connect(UnixDomainSocketAddress.of(door));
    return channel;
  }

  private static void send(SocketChannel channel, String text) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(UTF_8));
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  private static String entry(String message) {
    return "PRIORITY=5\nSYSLOG_IDENTIFIER=app\nMESSAGE=" + message + "\n\n";
  }

  private static String line(String message) {
    return "<13>Mar  1 12:00:00 web app: " + message;
  }

  private RecordingSink file() {
    return (RecordingSink) options.sink;
  }

  private void awaitLines(int count) {
    Await.until(count + " lines stand", () -> file().lines().size() >= count, file()::text);
  }

  /** Whether the other side has closed the connection. */
  private static boolean isClosed(SocketChannel channel) throws IOException {
    try {
      return channel.read(ByteBuffer.allocate(1)) < 0;
    } catch (IOException e) {
      return true; // reset
    }
  }

  @Test
  void received_entriesInPieces_standInOrderWithoutAnAnswer() throws IOException {
    start();
    try (SocketChannel guest = connect(door(Identifiers.always(fixture.start())))) {
      send(guest, entry("one") + "PRIORITY=5\nSYSLOG_IDEN");
      awaitLines(1);
      send(guest, "TIFIER=app\nMESSAGE=two\n\n");
      awaitLines(2);
      guest.configureBlocking(false);
      assertThat(guest.read(ByteBuffer.allocate(1))).isZero();
    }
    Await.until("it has left", () -> file().isClosed());
    assertThat(file().lines()).containsExactly(line("one"), line("two"));
    assertThat(counters.streams().of(Spoken.JOURNAL).value()).isEqualTo(1);
    assertThat(fixture.router.statistics(WEB).orElseThrow().connectionsOpened()).isEqualTo(1);
    assertThat(fixture.router.statistics(WEB).orElseThrow().connectionsClosed()).isEqualTo(1);
  }

  @Test
  void received_noEntries_closesAndSaysSo() throws IOException {
    start();
    try (SocketChannel guest = connect(door(Identifiers.always(fixture.start())))) {
      send(guest, entry("one") + "GET / HTTP/1.1\r\n\r\n");
      assertThat(isClosed(guest)).isTrue();
    }
    Await.until("it has left", () -> file().isClosed());
    assertThat(file().lines())
        .containsExactly(line("one"), DROP_HEAD + "1 records dropped (malformed)");
    assertThat(counters.malformedStreams().of(Spoken.JOURNAL).value()).isEqualTo(1);
  }

  @Test
  void closed_withinAnEntry_isCounted() throws IOException {
    start();
    try (SocketChannel guest = connect(door(Identifiers.always(fixture.start())))) {
      send(guest, entry("one") + "MESSAGE=the rest never comes\n");
    }
    Await.until("it has left", () -> file().isClosed());
    assertThat(file().lines())
        .containsExactly(line("one"), DROP_HEAD + "1 records dropped (unfinished)");
  }

  @Test
  void received_entryWithoutAMessage_isCountedAndNotWritten() throws IOException {
    start();
    try (SocketChannel guest = connect(door(Identifiers.always(fixture.start())))) {
      send(guest, "PRIORITY=5\n\n" + entry("one"));
      awaitLines(1);
    }
    assertThat(file().lines()).containsExactly(line("one"));
    assertThat(counters.silentEntries().value()).isEqualTo(1);
  }

  @Test
  void received_whileTheDiskHangs_isReadAllTheSameAndCounted() throws IOException {
    BlockingSink disk = new BlockingSink();
    options.sink = disk;
    options.pipeBytes = 64 << 10;
    start();
    int count = 20_000; // of 60 bytes and more: many times what socket and pipe hold
    try (SocketChannel guest = connect(door(Identifiers.always(fixture.start())))) {
      for (int i = 0; i < count; i++) {
        send(guest, entry("message " + i)); // would wait for ever if nobody read
      }
    }
    disk.release();
    Await.until("it has left", () -> disk.target().isClosed());
    List<String> lines = new ArrayList<>(disk.target().lines());
    long dropped =
        lines.stream()
            .filter(line -> line.startsWith(DROP_HEAD))
            .mapToLong(line -> Long.parseLong(line.substring(DROP_HEAD.length()).split(" ")[0]))
            .sum();
    lines.removeIf(line -> line.startsWith(DROP_HEAD));
    assertThat(dropped).isPositive();
    assertThat(lines.size() + dropped).isEqualTo(count);
    assertThat(lines).doesNotHaveDuplicates();
    assertThat(lines).isSortedAccordingTo((a, b) -> Integer.compare(number(a), number(b)));
  }

  private static int number(String line) {
    return Integer.parseInt(line.substring(line.lastIndexOf(' ') + 1));
  }

  @Test
  void received_overTheRate_isDroppedAtOnceAndCounted() throws IOException {
    options.limits = new SourceLimits(10, 100, 1L << 30);
    start();
    try (SocketChannel guest = connect(door(Identifiers.always(fixture.start())))) {
      for (int i = 0; i < 5000; i++) {
        send(guest, entry("message " + i));
      }
    }
    Await.until("it has left", () -> file().isClosed());
    assertThat(IntakeFixture.written(file())).isLessThan(5000);
    assertThat(IntakeFixture.written(file()) + IntakeFixture.dropped(file(), "(rate limit)"))
        .isEqualTo(5000);
  }

  @Test
  void connected_ninthOfAVm_isClosedAtOnceAndTheOthersGoOn() throws IOException {
    start();
    Path door = door(Identifiers.always(fixture.start()));
    List<SocketChannel> guests = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      guests.add(connect(door));
      send(guests.get(i), entry("of " + i));
      awaitLines(i + 1);
    }
    try (SocketChannel ninth = connect(door)) {
      assertThat(isClosed(ninth)).isTrue();
    }
    assertThat(counters.excessConnections().value()).isEqualTo(1);
    send(guests.get(7), entry("still there"));
    awaitLines(9);
    for (SocketChannel guest : guests) {
      guest.close();
    }
  }

  @Test
  void hangUp_endOfAGeneration_readsWhatHasComeAndCloses() throws IOException {
    start();
    Generation vm = fixture.start();
    Path door = door(Identifiers.always(vm));
    try (SocketChannel guest = connect(door)) {
      send(guest, entry("first"));
      awaitLines(1);
      StringBuilder last = new StringBuilder();
      for (int i = 0; i < 500; i++) {
        last.append(entry("last " + i));
      }
      send(guest, last.toString());
      fixture.stop(WEB, 7);
      intake.hangUp(vm);
      assertThat(isClosed(guest)).isTrue();
    }
    Await.until("it has left", () -> file().isClosed());
    assertThat(file().lines()).hasSize(501).endsWith(line("last 499"));
  }

  @Test
  void close_ofTheServer_readsWhatHasCome() throws IOException {
    start();
    try (SocketChannel guest = connect(door(Identifiers.always(fixture.start())))) {
      send(guest, entry("first"));
      awaitLines(1);
      send(guest, entry("second") + entry("third"));
      server.close();
      assertThat(isClosed(guest)).isTrue();
    }
    Await.until("it has left", () -> file().isClosed());
    assertThat(file().lines()).containsExactly(line("first"), line("second"), line("third"));
  }

  @Test
  void connected_refusedPeer_isClosed() throws IOException {
    start();
    PeerIdentifier nobody =
        peer -> new SourceIdentity.Refused(Cause.UNREGISTERED_ADDRESS, "not from there");
    try (SocketChannel guest = connect(door(nobody))) {
      assertThat(isClosed(guest)).isTrue();
    }
    assertThat(counters.refusedConnections().of(Cause.UNREGISTERED_ADDRESS).value()).isEqualTo(1);
  }

  @Test
  void connected_unannounced_isNotHeldForLong() throws IOException {
    start(Duration.ofHours(1));
    Path door = door(peer -> new SourceIdentity.Anonymous(9));
    try (SocketChannel early = connect(door);
        SocketChannel never = connect(door)) {
      send(early, entry("before it is known"));
      send(never, entry("of an unknown"));
      RecordingSink syslog = (RecordingSink) options.syslog;
      Await.until("what is unknown goes to syslog", () -> syslog.lines().size() == 2);
    }
    assertThat(server.holdCounters().expired().value()).isEqualTo(2);
  }

  @Test
  void received_messageOfWhichTheEndNeverComes_holdsBoundedMemory() throws IOException {
    start();
    Path door = door(Identifiers.always(fixture.start()));
    List<SocketChannel> guests = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      SocketChannel guest = connect(door);
      send(guest, "MESSAGE=" + "x".repeat(1 << 20));
      guests.add(guest);
    }
    Await.until("all is held", () -> server.heldBytes() >= 8 * (60 << 10));
    assertThat(server.heldBytes()).isLessThanOrEqualTo(8 * (80 << 10));
    for (SocketChannel guest : guests) {
      send(guest, "\n\n");
      guest.close();
    }
    Await.until("nothing is held", () -> server.heldBytes() == 0);
    Await.until("it has left", () -> file().isClosed());
    assertThat(file().lines().stream().filter(line -> line.endsWith("x#[cut]"))).hasSize(8);
  }

  /** One source may hold as much as is still free, so that another finds room. */
  @Test
  void received_messagesThatNeverEnd_leaveRoomForAnotherVms() throws IOException {
    RecordingSink others = new RecordingSink();
    VmId db = new VmId("alice", "db");
    start(new LogServer.Settings(1 << 20, 2, Duration.ZERO, 400 << 10));
    fixture.others.put(db, id -> others);
    Path door = door(Identifiers.always(fixture.start()));
    List<SocketChannel> guests = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      SocketChannel guest = connect(door);
      send(guest, "MESSAGE=" + "x".repeat(1 << 20));
      guests.add(guest);
    }
    Await.until("it holds what it may", () -> server.heldBytes() >= 128 << 10);

    try (SocketChannel guest = connect(door(Identifiers.always(fixture.start(db, 8))))) {
      send(guest, "MESSAGE=" + "y".repeat(40_000));
      Await.until("that is held, too", () -> server.heldBytes() >= 168 << 10);
      send(guest, "\n\n");
      Await.until("it stands", () -> others.lines().size() == 1, others::text);
    }

    assertThat(others.lines().get(0)).endsWith("yyy");
    Await.until("half of it is the most that is held", () -> server.heldBytes() <= 200 << 10);
    for (SocketChannel guest : guests) {
      send(guest, "\n\n");
      guest.close();
    }
    Await.until("nothing is held", () -> server.heldBytes() == 0);
    Await.until("it has left", () -> file().isClosed());
    assertThat(file().lines().stream().filter(line -> line.endsWith("(unfinished)")).toList())
        .isNotEmpty();
  }
}
