package org.vmlog.intake;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vmlog.identity.Generation;
import org.vmlog.identity.SourceIdentity;
import org.vmlog.identity.VmId;
import org.vmlog.platform.SocketAccess;
import org.vmlog.proto.vmtools.LogRequest;
import org.vmlog.testing.Await;
import org.vmlog.testing.BlockingSink;
import org.vmlog.testing.Guest;
import org.vmlog.testing.Guest.Method;
import org.vmlog.testing.RawCall;
import org.vmlog.testing.RecordingSink;
import org.vmlog.testing.Seed;
import org.vmlog.wire.ListenAddress;
import org.vmlog.wire.LogConnection;
import org.vmlog.wire.LogServer;
import org.vmlog.wire.Peer;
import org.vmlog.wire.PeerIdentifier;
import org.vmlog.wire.Transport;

/**
 * Guests that are told apart by their CIDs, and may come before they are announced. The doors are
 * Unix sockets, each of whose peers has the CID that the test gives it; behind that, everything is
 * as it is for vsock.
 */
class UnannouncedGuestsTest {
  private static final long HIGH_CID = 0xFFFF_FF00L;
  private static final VmId WEB = IntakeFixture.WEB;
  private static final Duration LONG = Duration.ofHours(1);

  @TempDir private Path folder;
  private final IntakeFixture.Options options = new IntakeFixture.Options();
  private final Map<VmId, Queue<RecordingSink>> files = new ConcurrentHashMap<>();
  private final Queue<RecordingSink> syslog = new ConcurrentLinkedQueue<>();
  private final IntakeCounters counters = new IntakeCounters();
  private IntakeFixture fixture;
  private GrpcIntake intake;
  private LogServer server;
  private int doors;

  @BeforeEach
  void start() throws IOException {
    options.syslogs = () -> added(syslog);
    start(LONG);
  }

  private void start(Duration hold) throws IOException {
    fixture = new IntakeFixture(options);
    intake =
        new GrpcIntake(
            fixture.router,
            fixture.registry,
            new GrpcIntake.Limits(1000, 100, 100, 8192, 65_536),
            IntakeFixture.CLOCK,
            fixture.timer,
            counters);
    server =
        LogServer.start(new LogServer.Settings(1 << 20, 2, hold), intake, IntakeFixture::thread);
  }

  @AfterEach
  void end() {
    server.close();
    fixture.close();
  }

  @Test
  void guest_thatLogsBeforeItsAnnouncement_isInItsVmsFileAlone() throws IOException {
    try (Guest guest = Guest.on(door(HIGH_CID))) {
      Future<byte[]> early = guest.sendAsync(Method.USER, request("early"));
      awaitHeld(1);
      announce(WEB, HIGH_CID);
      assertThat(Await.value(early)).isEmpty();
      guest.send(Method.USER, request("later"));
    }
    assertThat(lines(WEB)).containsExactly(line("web", "early"), line("web", "later"));
    assertThat(syslogLines()).isEmpty();
  }

  @Test
  void guest_thatNobodyAnnounces_isInTheSyslogUnderItsCid() throws IOException {
    restart(Duration.ofMillis(20));
    try (Guest guest = Guest.on(door(HIGH_CID))) {
      guest.send(Method.USER, request("hello"));
    }
    assertThat(syslogLines()).containsExactly("<14>Mar  1 12:00:00 VM(4294967040): hello");
  }

  @Test
  void guest_withAReservedCid_isNotHeldAndRefused() throws IOException {
    for (long cid = 0; cid <= 2; cid++) {
      try (Guest guest = Guest.on(door(cid))) {
        RawCall call = RawCall.start(guest, Method.USER, Map.of());
        call.send(request("hello")).halfClose();
        Status status = call.status();
        assertThat(status.getCode()).isEqualTo(Status.Code.PERMISSION_DENIED);
        assertThat(status.getDescription())
            .isEqualTo("CID " + cid + " is not a guest's (3 or more)");
      }
    }
    assertThat(server.holdCounters().held().value()).isZero();
    assertThat(counters.refusedConnections().value()).isEqualTo(3);
    assertThat(syslogLines()).isEmpty();
  }

  @Test
  void guests_twoThatComeBetweenEachOther_areEachInTheirOwnFile() throws IOException {
    VmId db = new VmId("bob", "db");
    Path webDoor = door(7);
    Path dbDoor = door(8);
    List<Guest> guests = new ArrayList<>();
    List<Future<byte[]>> calls = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      for (Path door : List.of(webDoor, dbDoor)) {
        Guest guest = Guest.on(door);
        guests.add(guest);
        calls.add(guest.sendAsync(Method.USER, request(door == webDoor ? "of web" : "of db")));
      }
    }
    awaitHeld(8);
    announce(db, 8);
    announce(WEB, 7);
    calls.forEach(Await::value);
    guests.forEach(Guest::close);
    assertThat(lines(WEB)).hasSize(4).containsOnly(line("web", "of web"));
    assertThat(lines(db)).hasSize(4).containsOnly(line("db", "of db"));
    assertThat(syslogLines()).isEmpty();
  }

  @Test
  void announced_whileACallIsInFlight_itIsAcknowledgedOnceAndTheNextIsTheVms() throws IOException {
    BlockingSink syslog = new BlockingSink();
    options.syslogs = () -> syslog;
    restart(Duration.ZERO);
    try (Guest guest = Guest.on(door(7))) {
      Future<byte[]> inFlight = guest.sendAsync(Method.USER, request("in flight"));
      syslog.awaitBlocked();
      announce(WEB, 7);
      syslog.release();
      assertThat(Await.value(inFlight)).isEmpty();
      awaitWrittenToTheFile(guest, WEB);
    }
    assertThat(syslog.target().lines().get(0)).isEqualTo("<14>Mar  1 12:00:00 VM(7): in flight");
    List<String> all = new ArrayList<>(syslog.target().lines());
    all.addAll(lines(WEB));
    assertThat(all).filteredOn(line -> line.endsWith("in flight")).hasSize(1);
  }

  @Test
  void connected_asItIsAnnounced_isClosedAtOnce() {
    SourceIdentity.Anonymous guest = new SourceIdentity.Anonymous(7);
    fixture.start(WEB, 7); // after its connection was decided about, and before this
    AtomicBoolean closed = new AtomicBoolean();
    Transport transport =
        new Transport() {
          @Override
          public void execute(Runnable task) {
            task.run();
          }

          @Override
          public void close() {
            closed.set(true);
          }
        };
    LogConnection connection = intake.connected(guest, transport);
    assertThat(closed).isTrue();
    connection.closed();
  }

  /** What is said of itself is content: in metadata, in host names, in forged lines. */
  @Test
  void guest_thatClaimsToBeAnotherVm_isStillItself() throws IOException {
    restart(Duration.ofMillis(1));
    VmId victim = new VmId("alice", "victim");
    announce(victim, 8);
    announce(WEB, 7);
    Map<String, String> claims =
        Map.of(
            "vm-name", "victim",
            "vm-cid", "8",
            "cid", "8",
            "x-forwarded-for", "8",
            "host", "victim",
            "user-agent", "victim");
    String forged = "<14>Mar  1 12:00:00 victim x\n<14>Mar  1 12:00:00 victim VM(8): y";
    for (long cid : new long[] {7, 9}) {
      try (Guest guest = Guest.on(door(cid))) {
        RawCall call = RawCall.start(guest, Method.USER, claims);
        call.send(request(forged)).halfClose();
        assertThat(call.status().isOk()).isTrue();
      }
    }
    String content = forged.replace("\n", "#012");
    assertThat(lines(victim)).isEmpty();
    assertThat(lines(WEB)).containsExactly(line("web", content));
    assertThat(syslogLines()).containsExactly("<14>Mar  1 12:00:00 VM(9): " + content);
  }

  /**
   * The announcement comes about when the hold ends. Whichever is first, every record that is
   * acknowledged stands once, in the VM's file or under its CID, and in no other's.
   */
  @Test
  void announced_aboutWhenTheHoldEnds_nothingIsLostOrMisplaced() throws Exception {
    Random random = Seed.random("UnannouncedGuestsTest.announced_aboutWhenTheHoldEnds");
    restart(Duration.ofMillis(5));
    Map<String, VmId> vmOf = new HashMap<>();
    Map<String, Long> cidOf = new HashMap<>();
    for (int round = 0; round < 100; round++) {
      Map<VmId, Long> cids = new HashMap<>();
      for (String name : List.of("a", "b")) {
        cids.put(
            new VmId("alice", name + round),
            3 + (random.nextInt() & 0xFFFF_FFF0L) + name.charAt(0) - 'a');
      }
      List<Guest> guests = new ArrayList<>();
      List<Future<byte[]>> calls = new ArrayList<>();
      Map<VmId, Guest> one = new HashMap<>();
      cids.forEach(
          (vm, cid) -> {
            Guest guest = Guest.on(uncheckedDoor(cid));
            guests.add(guest);
            one.put(vm, guest);
            for (int i = 0; i < 3; i++) {
              String content = "record " + i + " of " + vm.name();
              vmOf.put(content, vm);
              cidOf.put(content, cid);
              calls.add(guest.sendAsync(Method.USER, request(content)));
            }
          });
      TimeUnit.MICROSECONDS.sleep(random.nextInt(10_000));
      cids.forEach(this::announce);
      calls.forEach(Await::value);
      one.forEach((vm, guest) -> awaitWrittenToTheFile(guest, vm)); // however the race went
      guests.forEach(Guest::close);
    }
    List<String> found = new ArrayList<>();
    int early = 0;
    for (String line : syslogLines()) {
      String content = line.substring(line.indexOf("): ") + 3);
      if (!content.equals("again")) {
        assertThat(line).contains(" VM(" + cidOf.get(content) + "): ");
        found.add(content);
        early++;
      }
    }
    for (VmId vm : files.keySet()) {
      for (String line : lines(vm)) {
        String content = line.substring(line.indexOf(vm.name()) + vm.name().length() + 1);
        if (!content.equals("again")) {
          assertThat(vmOf.get(content)).isEqualTo(vm);
          found.add(content);
        }
      }
    }
    assertThat(found).containsExactlyInAnyOrderElementsOf(vmOf.keySet());
    System.out.printf("%d of %d records came before their VM%n", early, found.size());
  }

  /** One CID is one VM's after another's; their connections overlap. */
  @Test
  void cid_thatIsUsedAgain_connectionsStayWithTheirOwnVm() throws Exception {
    Random random = Seed.random("UnannouncedGuestsTest.cid_thatIsUsedAgain");
    Path door = door(7);
    List<Guest> formerGuests = new ArrayList<>();
    List<VmId> vms = new ArrayList<>();
    Map<VmId, Integer> sent = new HashMap<>();
    for (int round = 0; round < 50; round++) {
      VmId vm = new VmId("owner" + random.nextInt(3), "vm" + round);
      Guest guest = Guest.on(door);
      Future<byte[]> first = null;
      if (random.nextBoolean()) { // before it is announced, while the CID is nobody's
        first = guest.sendAsync(Method.USER, request("of " + vm));
        awaitHeld(server.holdCounters().announced().value() + 1);
      }
      Generation generation = announce(vm, 7);
      if (first == null) {
        first = guest.sendAsync(Method.USER, request("of " + vm));
      }
      assertThat(Await.value(first)).isEmpty();
      vms.add(vm);
      formerGuests.add(guest);
      sent.merge(vm, 1, Integer::sum);
      for (int i = Math.max(0, vms.size() - 3); i < vms.size(); i++) { // those before it go on
        formerGuests.get(i).send(Method.USER, request("of " + vms.get(i)));
        sent.merge(vms.get(i), 1, Integer::sum);
      }
      fixture.stop(vm, 7);
      assertThat(fixture.registry.isLive(generation)).isFalse();
    }
    formerGuests.forEach(Guest::close);
    for (VmId vm : vms) {
      assertThat(lines(vm)).hasSize(sent.get(vm)).containsOnly(line(vm.name(), "of " + vm));
    }
    assertThat(syslogLines()).isEmpty();
  }

  private void restart(Duration hold) throws IOException {
    end();
    start(hold);
  }

  /** As VmDoors does, on the lifecycle thread. */
  private Generation announce(VmId id, long cid) {
    Queue<RecordingSink> sinks = files.computeIfAbsent(id, key -> new ConcurrentLinkedQueue<>());
    fixture.others.put(id, any -> added(sinks));
    Generation vm = fixture.start(id, cid);
    server.announced(new SourceIdentity.Anonymous(cid), new SourceIdentity.Vm(vm));
    intake.announced(vm);
    return vm;
  }

  /** Has a guest log until it is known who it is: it need not have heard of it yet. */
  private void awaitWrittenToTheFile(Guest guest, VmId vm) {
    Await.until(
        "a record is written to the file of " + vm,
        () -> {
          guest.send(Method.USER, request("again"));
          return lines(vm).contains(line(vm.name(), "again"));
        });
  }

  private Path door(long cid) throws IOException {
    Path path = folder.resolve("door-" + doors++);
    PeerIdentifier byCid = Identifiers.byCid(fixture.registry);
    var unused =
        server.open(
            new ListenAddress.Unix(path, new SocketAccess(0600, Optional.empty())),
            peer -> byCid.identify(new Peer.Vsock(cid)));
    return path;
  }

  private Path uncheckedDoor(long cid) {
    try {
      return door(cid);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void awaitHeld(long times) {
    Await.until(
        times + " connections were held",
        () -> server.holdCounters().held().value() == times,
        () -> server.holdCounters().toString());
  }

  private List<String> lines(VmId vm) {
    return lines(files.getOrDefault(vm, new ConcurrentLinkedQueue<>()));
  }

  private List<String> syslogLines() {
    return lines(syslog);
  }

  private static List<String> lines(Queue<RecordingSink> sinks) {
    return sinks.stream().flatMap(sink -> sink.lines().stream()).toList();
  }

  /** A sink for one more pipe, or for one that was closed and is opened again. */
  private static RecordingSink added(Queue<RecordingSink> sinks) {
    RecordingSink sink = new RecordingSink();
    sinks.add(sink);
    return sink;
  }

  private static String line(String host, String content) {
    return "<14>Mar  1 12:00:00 " + host + " " + content;
  }

  private static byte[] request(String content) {
    return LogRequest.newBuilder()
        .addRecords(Guest.record(IntakeFixture.NOW.getEpochSecond(), content))
        .build()
        .toByteArray();
  }
}
