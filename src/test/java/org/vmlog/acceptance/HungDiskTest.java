package org.vmlog.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vmlog.identity.ComponentId;
import org.vmlog.identity.Generation;
import org.vmlog.identity.SourceRegistry;
import org.vmlog.identity.VmId;
import org.vmlog.identity.VmSpec;
import org.vmlog.intake.GrpcIntake;
import org.vmlog.intake.Identifiers;
import org.vmlog.intake.IntakeCounters;
import org.vmlog.platform.SocketAccess;
import org.vmlog.proto.vmtools.LogRequest;
import org.vmlog.record.LineFormat;
import org.vmlog.record.ScrubMode;
import org.vmlog.route.LineStyle;
import org.vmlog.route.PipeMemory;
import org.vmlog.route.PipeWriters;
import org.vmlog.route.Places;
import org.vmlog.route.Router;
import org.vmlog.route.SourceLimits;
import org.vmlog.sink.LineSink;
import org.vmlog.sink.WriteResult;
import org.vmlog.testing.Await;
import org.vmlog.testing.Guest;
import org.vmlog.wire.ListenAddress;
import org.vmlog.wire.LogServer;

/**
 * Some VMs' file system hangs in write(2); everybody else's requests are answered meanwhile. Put
 * together as the daemon is, from the door to the sink, with a file system that hangs on demand.
 */
final class HungDiskTest {
  private static final int OTHERS = 10;
  private static final int REQUESTS = 50;

  @TempDir Path folder;

  private final CountDownLatch diskIsBack = new CountDownLatch(1);
  private final ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1);
  private final SourceRegistry registry = new SourceRegistry();
  private final Map<String, Guest> guests = new HashMap<>();
  private Router router;
  private PipeWriters writers;
  private GrpcIntake intake;
  private LogServer server;

  @BeforeEach
  void putTogether() throws IOException {
    LineStyle style = new LineStyle(LineFormat.RFC3164, ScrubMode.STANDARD, ZoneOffset.UTC, 2);
    writers = new PipeWriters(Thread::new, timer);
    router =
        new Router(
            new Router.Settings(
                style,
                style,
                1 << 20,
                1 << 20,
                Set.of(),
                new SourceLimits(1_000_000, 1_000_000, 1 << 30),
                InstantSource.system()),
            new HangingPlaces(),
            new PipeMemory(24 << 20),
            writers);
    intake =
        new GrpcIntake(
            router,
            registry,
            new GrpcIntake.Limits(65_536, 8, 64, 8192, 65_536),
            InstantSource.system(),
            timer,
            new IntakeCounters());
    server =
        LogServer.start(new LogServer.Settings(4 << 20, 2), intake, Thread::new, writers::drainsOn);
  }

  @AfterEach
  void takeApart() throws Exception {
    diskIsBack.countDown();
    guests.values().forEach(Guest::close);
    server.close();
    router.closeAll().get(Await.PATIENCE.toSeconds(), TimeUnit.SECONDS);
    writers.close();
    timer.shutdownNow();
  }

  @Test
  void requests_whileTwentyVmsHangOnOneDisk_areAnsweredForTheOthers() throws Exception {
    List<Future<byte[]>> hung = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      hung.add(start("hung-" + i).sendAsync(Guest.Method.USER, request()));
    }
    List<Guest> others = new ArrayList<>();
    for (int i = 0; i < OTHERS; i++) {
      others.add(start("well-" + i));
    }

    for (int n = 0; n < REQUESTS; n++) {
      List<Future<byte[]>> answers = new ArrayList<>();
      for (Guest guest : others) {
        answers.add(guest.sendAsync(Guest.Method.USER, request()));
      }
      await(answers);
    }

    assertThat(hung).noneMatch(Future::isDone);
    diskIsBack.countDown();
    await(hung);
  }

  private Guest start(String name) throws IOException {
    VmId id = new VmId("alice", name);
    registry.configure(VmSpec.named(id));
    Generation vm = registry.byId(id).orElseThrow();
    Path socket = folder.resolve(name);
    server.open(
        new ListenAddress.Unix(socket, new SocketAccess(0600, Optional.empty())),
        Identifiers.always(vm));
    Guest guest = Guest.on(socket);
    guests.put(name, guest);
    return guest;
  }

  private static void await(List<Future<byte[]>> answers) throws Exception {
    for (Future<byte[]> answer : answers) {
      answer.get(Await.PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }
  }

  private static byte[] request() {
    return LogRequest.newBuilder().addRecords(Guest.record(7, "text")).build().toByteArray();
  }

  /** One disk that hangs, for the VMs that are called so, and one that does not. */
  private final class HangingPlaces implements Places {
    @Override
    public LineSink vmFile(VmId id) {
      return new HangingSink(id.name().startsWith("hung"));
    }

    @Override
    public LineSink hostUserFile(int uid) {
      throw new AssertionError("nobody is a user of this host here");
    }

    @Override
    public LineSink componentFile(ComponentId id) {
      throw new AssertionError("there are no components here");
    }

    @Override
    public LineSink syslog() {
      throw new AssertionError("nothing goes to syslog here");
    }

    @Override
    public LineSink journal(String owner, String name) {
      throw new AssertionError("nothing goes to the journal here");
    }
  }

  private final class HangingSink implements LineSink {
    private final boolean hangs;

    HangingSink(boolean hangs) {
      this.hangs = hangs;
    }

    @Override
    public WriteResult write(ByteBuffer[] lines) {
      long bytes = 0;
      for (ByteBuffer buffer : lines) {
        bytes += buffer.remaining();
      }
      if (hangs) {
        try {
          diskIsBack.await();
        } catch (InterruptedException e) {
          return new WriteResult.Failed(0, new IOException(e));
        }
      }
      return new WriteResult.Complete(bytes);
    }

    @Override
    public boolean isReady(long bytes) {
      return true; // it has hung before anybody knows
    }

    @Override
    public void reopen() {}

    @Override
    public Object device() {
      return hangs;
    }

    @Override
    public void close() {}
  }
}
