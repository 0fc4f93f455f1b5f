package org.vmlog.intake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.vmlog.identity.Claimant.Source.CONCIERGE;
import static org.vmlog.intake.IntakeFixture.NOW;
import static org.vmlog.intake.IntakeFixture.WEB;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vmlog.identity.Generation;
import org.vmlog.identity.SourceIdentity;
import org.vmlog.identity.SourceIdentity.Refused.Cause;
import org.vmlog.identity.VmId;
import org.vmlog.platform.SocketAccess;
import org.vmlog.proto.vmtools.LogRecord;
import org.vmlog.proto.vmtools.LogRequest;
import org.vmlog.proto.vmtools.LogSeverity;
import org.vmlog.testing.Await;
import org.vmlog.testing.BlockingSink;
import org.vmlog.testing.Guest;
import org.vmlog.testing.Guest.Method;
import org.vmlog.testing.RecordingSink;
import org.vmlog.wire.ListenAddress;
import org.vmlog.wire.LogConnection;
import org.vmlog.wire.LogServer;
import org.vmlog.wire.PeerIdentifier;
import org.vmlog.wire.Transport;

/** The gRPC intake behind a real server. */
class GrpcIntakeTest {
  @TempDir private Path folder;
  private final IntakeFixture.Options options = new IntakeFixture.Options();
  private IntakeFixture fixture;
  private GrpcIntake intake;
  private LogServer server;

  @BeforeEach
  void start() throws IOException {
    fixture = new IntakeFixture(options);
    intake =
        new GrpcIntake(
            fixture.router,
            fixture.registry,
            new GrpcIntake.Limits(1000, 100, 100, 8192, 65_536),
            IntakeFixture.CLOCK,
            fixture.timer,
            new IntakeCounters());
    server = LogServer.start(new LogServer.Settings(1 << 20, 2), intake, IntakeFixture::thread);
  }

  @AfterEach
  void end() {
    server.close();
    fixture.close();
  }

  @Test
  void collect_eachMethod_hasItsFacility() throws IOException {
    try (Guest guest = guest("s", Identifiers.always(fixture.start()))) {
      guest.send(Method.KERNEL, request("from the kernel"));
      guest.send(Method.USER, request(" from a program"));
    }
    assertThat(((RecordingSink) options.sink).lines())
        .containsExactly(
            "<6>Mar  1 12:00:00 web kernel: from the kernel",
            "<14>Mar  1 12:00:00 web from a program");
  }

  @Test
  void collect_aRecordWithoutATime_isOfItsReceipt() throws IOException {
    byte[] content = "when?".getBytes(StandardCharsets.UTF_8);
    LogRecord untimed =
        LogRecord.newBuilder()
            .setSeverity(LogSeverity.INFO)
            .setContent(ByteString.copyFrom(content))
            .build();
    LogRecord of1970 = Guest.record(LogSeverity.INFO, 0, content);
    try (Guest guest = guest("s", Identifiers.always(fixture.start()))) {
      guest.send(
          Method.USER,
          LogRequest.newBuilder().addRecords(untimed).addRecords(of1970).build().toByteArray());
    }
    assertThat(((RecordingSink) options.sink).lines())
        .containsExactly("<14>Mar  1 12:00:00 web when?", "<14>Jan  1 00:00:00 web when?");
  }

  @Test
  void collect_malformed_isInvalidArgument() throws IOException {
    try (Guest guest = guest("s", Identifiers.always(fixture.start()))) {
      assertThatThrownBy(() -> guest.send(Method.USER, new byte[] {0x0a, 5, 1}))
          .isInstanceOfSatisfying(
              StatusRuntimeException.class,
              e -> assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT));
      guest.send(Method.USER, request("good"));
    }
    assertThat(((RecordingSink) options.sink).lines()).hasSize(1);
  }

  @Test
  void collect_refusedPeer_isToldWhy() throws IOException {
    PeerIdentifier nobody =
        peer -> new SourceIdentity.Refused(Cause.UNREGISTERED_ADDRESS, "not from there");
    try (Guest guest = guest("s", nobody)) {
      assertThatThrownBy(() -> guest.send(Method.USER, request("hello")))
          .isInstanceOf(StatusRuntimeException.class)
          .hasMessage("PERMISSION_DENIED: not from there");
    }
  }

  @Test
  void connected_vmWhoseNameCannotBeAFile_isRefusedAndNotADropOut() throws IOException {
    VmId bad = new VmId("alice", "bad");
    fixture.others.put(
        bad,
        id -> {
          throw new IllegalArgumentException("bad is no name for a file");
        });
    try (Guest guest = guest("s", Identifiers.always(fixture.start(bad, 9)))) {
      assertThatThrownBy(() -> guest.send(Method.USER, request("hello")))
          .isInstanceOf(StatusRuntimeException.class)
          .hasMessage("PERMISSION_DENIED: bad is no name for a file");
    }
  }

  @Test
  void closed_lastConnection_writesOutAndClosesTheFile() throws IOException {
    Guest guest = guest("s", Identifiers.always(fixture.start()));
    guest.send(Method.USER, request("hello"));
    RecordingSink sink = (RecordingSink) options.sink;
    assertThat(sink.isClosed()).isFalse();
    guest.close();
    Await.until("the file is closed", sink::isClosed);
  }

  @Test
  void hangUp_vmHasStopped_endsItsConnectionsButNotItsCalls() throws IOException {
    BlockingSink sink = new BlockingSink();
    fixture.others.put(WEB, id -> sink);
    Generation vm = fixture.start();
    try (Guest guest = guest("s", Identifiers.always(vm))) {
      Future<byte[]> call = guest.sendAsync(Method.USER, request("last"));
      sink.awaitBlocked();
      var unused = fixture.registry.stopped(CONCIERGE, WEB, OptionalLong.of(7));
      intake.hangUp(vm);
      sink.release();
      assertThat(Await.value(call)).isEmpty();
      Await.until("the file is closed", sink.target()::isClosed);
    }
  }

  @Test
  void shutdown_callIsInTheSink_isAnsweredFirst() throws IOException {
    BlockingSink sink = new BlockingSink();
    fixture.others.put(WEB, id -> sink);
    try (Guest guest = guest("s", Identifiers.always(fixture.start()))) {
      Future<byte[]> call = guest.sendAsync(Method.USER, request("last"));
      sink.awaitBlocked();
      Thread closer = IntakeFixture.thread(() -> server.shutdown(Duration.ofSeconds(20)));
      closer.start();
      sink.release();
      assertThat(Await.value(call)).isEmpty();
    }
  }

  @Test
  void hangUp_oneConnectionCameAsTheLastOneLeft_reachesIt() throws IOException {
    Generation vm = fixture.start();
    SourceIdentity source = new SourceIdentity.Vm(vm);
    LogConnection leaving = intake.connected(source, new FakeTransport(() -> {}));
    Thread leaver = IntakeFixture.thread(leaving::closed);
    FakeTransport staying =
        new FakeTransport(
            () -> {
              leaver.start();
              Await.until(
                  "the other has left, or waits for this one to be noted",
                  () ->
                      leaver.getState() == Thread.State.TERMINATED
                          || leaver.getState() == Thread.State.BLOCKED);
            });
    LogConnection unused = intake.connected(source, staying);

    intake.hangUp(vm);

    assertThat(staying.closed).isTrue();
  }

  @Test
  void collect_manyGuestsAtOnce_everyRequestIsWrittenOnce() throws IOException {
    Generation vm = fixture.start();
    List<Guest> guests = new ArrayList<>();
    List<Future<byte[]>> calls = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      guests.add(guest("s" + i, Identifiers.always(vm)));
    }
    for (int i = 0; i < 1000; i++) {
      Guest guest = guests.get(i % guests.size());
      calls.add(guest.sendAsync(Method.USER, request("request " + i)));
    }
    calls.forEach(Await::value);
    assertThat(((RecordingSink) options.sink).lines()).hasSize(1000).doesNotHaveDuplicates();
    guests.forEach(Guest::close);
  }

  private Guest guest(String door, PeerIdentifier identifier) throws IOException {
    Path path = folder.resolve(door);
    var unused =
        server.open(
            new ListenAddress.Unix(path, new SocketAccess(0600, Optional.empty())), identifier);
    return Guest.on(path);
  }

  private static byte[] request(String content) {
    return LogRequest.newBuilder()
        .addRecords(Guest.record(NOW.getEpochSecond(), content))
        .build()
        .toByteArray();
  }

  /** Does something when it is put into a set for the first time. */
  private static final class FakeTransport implements Transport {
    final AtomicBoolean closed = new AtomicBoolean();
    private final AtomicBoolean noted = new AtomicBoolean();
    private final Runnable whenNoted;

    FakeTransport(Runnable whenNoted) {
      this.whenNoted = whenNoted;
    }

    @Override
    public int hashCode() {
      if (noted.compareAndSet(false, true)) {
        whenNoted.run();
      }
      return 1;
    }

    @Override
    public boolean equals(Object other) {
      return this == other;
    }

    @Override
    public void execute(Runnable task) {
      task.run();
    }

    @Override
    public void close() {
      closed.set(true);
    }
  }
}
