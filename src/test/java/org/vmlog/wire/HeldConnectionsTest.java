package org.vmlog.wire;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vmlog.identity.Change;
import org.vmlog.identity.Claim;
import org.vmlog.identity.Claimant;
import org.vmlog.identity.SourceIdentity;
import org.vmlog.identity.SourceRegistry;
import org.vmlog.identity.VmId;
import org.vmlog.identity.VmSpec;
import org.vmlog.testing.Await;
import org.vmlog.testing.Guest;
import org.vmlog.testing.RawHttp2;

/** Connections of guests that nobody has announced, at a door that holds them. */
class HeldConnectionsTest {
  private static final byte[] REQUEST = "a request".getBytes(US_ASCII);

  /** Longer than any test. */
  private static final Duration LONG = Duration.ofHours(1);

  private static final Duration SHORT = Duration.ofMillis(20);
  private static final long CID = 0xF000_0007L; // over 2^31, as a CID may be

  @TempDir private Path folder;
  private final Map<Long, SourceIdentity> known = new ConcurrentHashMap<>();
  private final SourceRegistry registry = new SourceRegistry();
  private ServerFixture fixture;
  private RecordingService service;
  private LogServer server;

  @BeforeEach
  void start() throws IOException {
    start(LONG);
  }

  private void start(Duration hold) throws IOException {
    fixture = new ServerFixture(hold);
    service = fixture.service;
    server = fixture.server;
  }

  @AfterEach
  void end() {
    fixture.close();
  }

  @Test
  void hold_untilItsVmIsAnnounced_nothingIsReadOrSaid() throws IOException {
    Path door = open(CID);
    SourceIdentity.Vm web = vm("web", CID);
    try (RawHttp2 peer = RawHttp2.connect(door)) {
      request(peer);
      awaitHeld(1);
      server.announced(new SourceIdentity.Anonymous(CID + 1), vm("other", CID + 1));
      assertThat(peer.drain()).isTrue();
      assertThat(peer.received()).as("frames, with which a server begins").isZero();
      assertThat(service.admitted()).isZero();

      server.announced(new SourceIdentity.Anonymous(CID), web);

      Await.until("the request is there", () -> service.arrived().size() == 1);
      Await.until("the server speaks", () -> peer.drain() && peer.received() > 0);
    }
    assertThat(service.connected()).containsExactly(web);
    assertThat(service.arrived().get(0).source()).isEqualTo(web);
    assertThat(service.arrived().get(0).request()).isEqualTo(REQUEST);
    assertThat(server.holdCounters().announced().value()).isEqualTo(1);
  }

  @Test
  void hold_nobodyIsAnnounced_isServedAsAnonymous() throws IOException {
    restart(SHORT);
    try (Guest guest = Guest.on(open(CID))) {
      guest.send(Guest.Method.USER, REQUEST);
    }
    assertThat(service.connected()).containsExactly(new SourceIdentity.Anonymous(CID));
    assertThat(server.holdCounters().expired().value()).isEqualTo(1);
  }

  @Test
  void hold_knownAtItsEndWithoutAWord_isServedAsThatVm() throws IOException {
    restart(Duration.ofMillis(300));
    SourceIdentity.Vm web = vm("web", CID);
    Path door = open(CID);
    try (RawHttp2 peer = RawHttp2.connect(door)) {
      request(peer);
      awaitHeld(1);
      known.put(CID, web);
      Await.until("the request is there", () -> service.arrived().size() == 1);
    }
    assertThat(service.connected()).containsExactly(web);
  }

  @Test
  void hold_peerHasClosed_isStillReadToItsEnd() throws IOException {
    Path door = open(CID);
    SourceIdentity.Vm web = vm("web", CID);
    try (RawHttp2 peer = RawHttp2.connect(door)) {
      request(peer);
    }
    awaitHeld(1);
    server.announced(new SourceIdentity.Anonymous(CID), web);
    Await.until("its request is there", () -> service.arrived().size() == 1);
    assertThat(service.arrived().get(0).source()).isEqualTo(web);
    Await.until("it has left", () -> service.admitted() == 0);
    assertThat(service.closed()).containsExactly(web);
  }

  @Test
  void hold_manyPeersThatHaveClosed_areEachReadToTheirEnd() throws IOException {
    restart(SHORT);
    for (int i = 0; i < 40; i++) {
      try (RawHttp2 peer = RawHttp2.connect(open(100 + i))) {
        request(peer);
      }
    }
    Await.until("all requests are there", () -> service.arrived().size() == 40);
    Await.until("all have left", () -> service.admitted() == 0);
    assertThat(service.arrived()).extracting(one -> one.source()).doesNotHaveDuplicates();
  }

  @Test
  void hold_fifthOfACid_isClosedAndAnotherCidsIsNot() throws IOException {
    Path door = open(CID);
    List<RawHttp2> peers = connect(door, 5);
    try (RawHttp2 other = RawHttp2.connect(open(7))) {
      awaitHeld(5);
      awaitClosed(peers, 1);
      assertThat(server.holdCounters().excess().value()).isEqualTo(1);

      request(other);
      server.announced(new SourceIdentity.Anonymous(7), vm("seven", 7));
      Await.until("the other is served", () -> service.arrived().size() == 1);
      server.announced(new SourceIdentity.Anonymous(CID), vm("web", CID));
      Await.until("the four are", () -> service.admitted() == 5);
      peers.addAll(connect(door, 4)); // there is room again
      awaitHeld(9);
    } finally {
      close(peers);
    }
    assertThat(server.holdCounters().excess().value()).isEqualTo(1);
  }

  @Test
  void hold_sixtyFifthInAll_isClosed() throws IOException {
    List<RawHttp2> peers = new ArrayList<>();
    try {
      for (int i = 0; i < 16; i++) {
        peers.addAll(connect(open(100 + i), 4));
      }
      awaitHeld(64);
      List<RawHttp2> late = connect(open(CID), 1);
      peers.addAll(late);
      awaitClosed(late, 1);
      assertThat(server.holdCounters().excess().value()).isEqualTo(1);
      assertThat(server.holdCounters().held().value()).isEqualTo(64);
    } finally {
      close(peers);
    }
  }

  @Test
  void hold_zero_isNone() throws IOException {
    restart(Duration.ZERO);
    try (Guest guest = Guest.on(open(CID))) {
      guest.send(Guest.Method.USER, REQUEST);
    }
    assertThat(service.connected()).containsExactly(new SourceIdentity.Anonymous(CID));
    assertThat(server.holdCounters().held().value()).isZero();
  }

  @Test
  void hold_tcpPeerWithoutACid_isNone() throws IOException {
    try (Guest guest = Guest.on(open(0))) {
      guest.send(Guest.Method.USER, REQUEST);
    }
    assertThat(service.connected()).containsExactly(new SourceIdentity.Anonymous(0));
  }

  @Test
  void hold_sourceIsKnown_isNone() throws IOException {
    SourceIdentity refused =
        new SourceIdentity.Refused(
            SourceIdentity.Refused.Cause.RESERVED_CID, "CID 2 is not a guest's");
    known.put(2L, refused);
    SourceIdentity.Vm web = vm("web", CID);
    known.put(CID, web);
    try (Guest two = Guest.on(open(2));
        Guest guest = Guest.on(open(CID))) {
      two.send(Guest.Method.USER, REQUEST);
      guest.send(Guest.Method.USER, REQUEST);
    }
    assertThat(service.connected()).containsExactly(refused, web);
    assertThat(server.holdCounters().held().value()).isZero();
  }

  @Test
  void shutdown_connectionsAreHeld_areClosedUnread() throws IOException {
    try (RawHttp2 peer = RawHttp2.connect(open(CID))) {
      request(peer);
      awaitHeld(1);
      server.shutdown(Duration.ZERO);
      awaitClosed(List.of(peer), 1);
      assertThat(peer.received()).isZero();
    }
    assertThat(service.connected()).isEmpty();
    server.announced(new SourceIdentity.Anonymous(CID), vm("web", CID)); // too late, and no harm
  }

  @Test
  void close_door_whatItHoldsWaitsOn() throws IOException {
    Path path = folder.resolve("door");
    Door door =
        server.open(new ListenAddress.Unix(path, ServerFixture.ACCESS), ServerFixture.always(CID));
    SourceIdentity.Vm web = vm("web", CID);
    try (RawHttp2 peer = RawHttp2.connect(path)) {
      request(peer);
      awaitHeld(1);
      door.close();
      server.announced(new SourceIdentity.Anonymous(CID), web);
      Await.until("the request is there", () -> service.arrived().size() == 1);
    }
    assertThat(service.connected()).containsExactly(web);
  }

  private void restart(Duration hold) throws IOException {
    fixture.close();
    start(hold);
  }

  /** A door whose peers have this CID. */
  private Path open(long cid) throws IOException {
    Path path = folder.resolve("cid-" + cid);
    PeerIdentifier identifier = peer -> known.getOrDefault(cid, new SourceIdentity.Anonymous(cid));
    var unused = server.open(new ListenAddress.Unix(path, ServerFixture.ACCESS), identifier);
    return path;
  }

  private SourceIdentity.Vm vm(String name, long cid) {
    Change change =
        registry.started(
            Claim.of(Claimant.Source.CONCIERGE, VmSpec.ofCid(new VmId("alice", name), cid)));
    return new SourceIdentity.Vm(((Change.Applied) change).opened().get(0));
  }

  private static List<RawHttp2> connect(Path door, int times) throws IOException {
    List<RawHttp2> peers = new ArrayList<>();
    for (int i = 0; i < times; i++) {
      peers.add(RawHttp2.connect(door));
    }
    return peers;
  }

  /** All that a guest has to say, without having heard anything. */
  private static void request(RawHttp2 peer) throws IOException {
    peer.preface().callHeaders(1).message(1, REQUEST.length, REQUEST, true);
  }

  private void awaitHeld(int times) {
    Await.until(
        times + " connections were held",
        () -> server.holdCounters().held().value() == times,
        () -> server.holdCounters().toString());
  }

  private static void awaitClosed(List<RawHttp2> peers, int count) {
    Await.until(
        count + " of the connections are closed",
        () -> {
          int closed = 0;
          for (RawHttp2 peer : peers) {
            closed += peer.isClosedWithin(Duration.ofMillis(1)) ? 1 : 0;
          }
          return closed == count;
        });
  }

  private static void close(List<RawHttp2> peers) throws IOException {
    for (RawHttp2 peer : peers) {
      peer.close();
    }
  }
}
