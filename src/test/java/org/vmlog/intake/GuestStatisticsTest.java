package org.vmlog.intake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import io.grpc.Status;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vmlog.identity.SourceIdentity;
import org.vmlog.platform.DatagramListener;
import org.vmlog.platform.DatagramSender;
import org.vmlog.platform.PrivateFolder;
import org.vmlog.platform.SocketAccess;
import org.vmlog.proto.vmtools.LogRequest;
import org.vmlog.proto.vmtools.LogSeverity;
import org.vmlog.route.CopyTarget;
import org.vmlog.route.DropReason;
import org.vmlog.route.Route;
import org.vmlog.route.StatisticsSnapshot;
import org.vmlog.testing.Await;
import org.vmlog.testing.Guest;
import org.vmlog.testing.Guest.Method;
import org.vmlog.testing.RawCall;
import org.vmlog.testing.RawHttp2;
import org.vmlog.testing.RecordingSink;
import org.vmlog.wire.ListenAddress;
import org.vmlog.wire.LogServer;
import org.vmlog.wire.PeerIdentifier;
import org.vmlog.wire.Reply.Refusal;

/** What is counted of sources, by the way that their records take. */
class GuestStatisticsTest {
  private static final SocketAccess ACCESS = new SocketAccess(0600, Optional.empty());
  private static final int MAX_RECORDS = 100;
  private static final int MAX_REQUEST_BYTES = 64 << 10;

  @TempDir private Path folder;
  private final IntakeFixture.Options options = new IntakeFixture.Options();
  private final IntakeCounters counters = new IntakeCounters();
  private IntakeFixture fixture;
  private LogServer server;
  private int doors;

  @BeforeEach
  void start() throws IOException {
    fixture = new IntakeFixture(options);
    GrpcIntake intake =
        new GrpcIntake(
            fixture.router,
            fixture.registry,
            new GrpcIntake.Limits(MAX_RECORDS, 100, 100, 8192, 65_536),
            IntakeFixture.CLOCK,
            fixture.timer,
            counters);
    server =
        LogServer.start(
            new LogServer.Settings(MAX_REQUEST_BYTES, 2), intake, IntakeFixture::thread);
  }

  @AfterEach
  void end() {
    server.close();
    fixture.close();
  }

  @Test
  void records_ofEachSeverity_areCountedAcrossConnectionsAndStarts() throws IOException {
    fixture.others.put(IntakeFixture.WEB, id -> new RecordingSink()); // each start opens it anew
    for (int start = 0; start < 2; start++) {
      try (Guest guest = guest(Identifiers.always(fixture.start(IntakeFixture.WEB, 7 + start)))) {
        for (LogSeverity severity : LogSeverity.values()) {
          if (severity != LogSeverity.UNRECOGNIZED) {
            guest.send(Method.USER, request(severity, 3));
          }
        }
      }
      long closed = start + 1;
      Await.until("it is closed", () -> web().connectionsClosed() == closed);
    }
    StatisticsSnapshot seen = web();

    // MISSING counts as NOTICE, as which it is written.
    assertThat(seen.records()).containsExactly(6L, 6L, 6L, 6L, 6L, 12L, 6L, 6L);
    // The PRI of facility user(1): <8> to <15>.
    long one = "<8>Mar  1 12:00:00 web hello\n".length();
    assertThat(seen.bytes())
        .containsExactly(
            6 * one,
            6 * one,
            6 * (one + 1),
            6 * (one + 1),
            6 * (one + 1),
            12 * (one + 1),
            6 * (one + 1),
            6 * (one + 1));
    assertThat(seen.lastWritten()).contains(IntakeFixture.NOW);
    assertThat(seen.connectionsOpened()).isEqualTo(2);
    assertThat(seen.connectionsOpen()).isZero();
    assertThat(seen.dropped()).isEmpty();
    assertThat(seen.refused()).isEmpty();
  }

  @Test
  void requests_thatAreRefused_areCountedByWhyWhoeverRefusesThem() throws IOException {
    try (Guest guest = guest(Identifiers.always(fixture.start()))) {
      refused(guest, new byte[] {0x0a, 5, 1}, Status.Code.INVALID_ARGUMENT);
      refused(guest, new byte[MAX_REQUEST_BYTES + 1], Status.Code.RESOURCE_EXHAUSTED);
      refused(guest, new byte[MAX_REQUEST_BYTES + 1], Status.Code.RESOURCE_EXHAUSTED);
      guest.send(Method.USER, request(LogSeverity.INFO, MAX_RECORDS + 1)); // OK, and counted
    }
    Await.until(
        "gRPC has told of its own refusals",
        () -> web().refused().getOrDefault(Refusal.TOO_LARGE, 0L) == 2);
    assertThat(web().refused())
        .containsOnly(entry(Refusal.MALFORMED, 1L), entry(Refusal.TOO_LARGE, 2L));
    assertThat(web().dropped()).containsExactly(entry(DropReason.TOO_MANY_RECORDS, 1L));
    assertThat(counters.refusedRequests().value()).isEqualTo(3);
    assertThat(counters.refusedRequests().of(Refusal.TOO_LARGE).value()).isEqualTo(2);
  }

  @Test
  void requests_whosePeerHangsUp_areNotRefused() throws IOException {
    Path door = door(Identifiers.always(fixture.start()));
    try (RawHttp2 peer = RawHttp2.connect(door).preface().callHeaders(1)) {
      peer.message(1, 1000, new byte[10], false);
      Await.until("it is connected", () -> web() != null && web().connectionsOpen() == 1);
    }
    Await.until("it is closed", () -> web().connectionsClosed() == 1);
    assertThat(web().refused()).isEmpty();
    assertThat(counters.refusedRequests().value()).isZero();
  }

  @Test
  void peers_thatMayNotLog_areCountedByWhyAndAreNoSource() throws IOException {
    PeerIdentifier tcp = Identifiers.byAddress(fixture.registry, false);
    try (Guest guest = guest(tcp)) {
      refused(guest, request(LogSeverity.INFO, 1), Status.Code.PERMISSION_DENIED);
    }
    assertThat(counters.refusedConnections().of(SourceIdentity.Refused.Cause.WRONG_KIND).value())
        .isEqualTo(1);
    Await.until("it is counted", () -> counters.refusedRequests().value() == 1);
    assertThat(counters.refusedRequests().of(Refusal.DENIED).value()).isEqualTo(1);
    assertThat(fixture.router.statistics()).isEmpty();
  }

  @Test
  void sources_withoutAName_areCountedByTheirCidAndUser() throws IOException {
    SourceIdentity unknown = new SourceIdentity.Anonymous(99);
    SourceIdentity user = new SourceIdentity.HostUser(1000);
    for (SourceIdentity source : List.of(unknown, user)) {
      try (Guest guest = guest(peer -> source)) {
        guest.send(Method.USER, request(LogSeverity.ERROR, 2));
      }
    }
    assertThat(fixture.router.statistics()).containsOnlyKeys(unknown, user);
    assertThat(fixture.router.statistics().get(unknown).records().get(3)).isEqualTo(2);
    assertThat(fixture.router.statistics().get(user).records().get(3)).isEqualTo(2);
    assertThat(counters.anonymousConnections().value()).isEqualTo(1);
  }

  @Test
  void datagrams_areCountedWithTheirVm() throws IOException {
    VmmSockets sockets =
        VmmSockets.start(
            IntakeFixture::thread, IntakeFixture.parser(), IntakeFixture.CLOCK, counters);
    try (PrivateFolder base = PrivateFolder.open(folder, List.of());
        DatagramSender vmm = new DatagramSender(folder.resolve("web.lsock"))) {
      Route route = fixture.router.open(fixture.start());
      var unused = sockets.read(DatagramListener.bind(base, "web.lsock", ACCESS), route);
      for (String line : List.of("<11>crosvm: first", "<12>crosvm: second", "<12>crosvm: third")) {
        byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
        assertThat(vmm.send(ByteBuffer.wrap(bytes))).isEqualTo(DatagramSender.Outcome.SENT);
      }
      Await.until("all are written", () -> web().records().get(4) == 2);
      assertThat(web().records()).containsExactly(0L, 0L, 0L, 1L, 2L, 0L, 0L, 0L);
    } finally {
      sockets.close();
    }
  }

  @Test
  void copies_areNotCountedAgain() throws IOException {
    options.copies = Set.of(CopyTarget.SYSLOG);
    end();
    start();
    try (Guest guest = guest(Identifiers.always(fixture.start()))) {
      guest.send(Method.USER, request(LogSeverity.INFO, 2));
    }
    assertThat(fixture.router.statistics()).containsOnlyKeys(IntakeFixture.WEB);
    assertThat(web().records().get(6)).isEqualTo(2);
  }

  private StatisticsSnapshot web() {
    return fixture.router.statistics().get(IntakeFixture.WEB);
  }

  private Guest guest(PeerIdentifier identifier) throws IOException {
    return Guest.on(door(identifier));
  }

  private Path door(PeerIdentifier identifier) throws IOException {
    Path path = folder.resolve("door-" + doors++);
    var unused = server.open(new ListenAddress.Unix(path, ACCESS), identifier);
    return path;
  }

  private static void refused(Guest guest, byte[] request, Status.Code code) {
    RawCall call = RawCall.start(guest, Method.USER, Map.of());
    call.send(request).halfClose();
    assertThat(call.status().getCode()).isEqualTo(code);
  }

  private static byte[] request(LogSeverity severity, int records) {
    LogRequest.Builder request = LogRequest.newBuilder();
    for (int i = 0; i < records; i++) {
      request.addRecords(
          Guest.record(
              severity,
              IntakeFixture.NOW.getEpochSecond(),
              "hello".getBytes(StandardCharsets.UTF_8)));
    }
    return request.build().toByteArray();
  }
}
