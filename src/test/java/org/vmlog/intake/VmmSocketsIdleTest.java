package org.vmlog.intake;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vmlog.identity.ComponentId;
import org.vmlog.identity.SourceIdentity;
import org.vmlog.identity.VmId;
import org.vmlog.platform.DatagramListener;
import org.vmlog.platform.PrivateFolder;
import org.vmlog.platform.SocketAccess;
import org.vmlog.record.LineFormat;
import org.vmlog.record.ScrubMode;
import org.vmlog.route.LineStyle;
import org.vmlog.route.PipeMemory;
import org.vmlog.route.PipeWriters;
import org.vmlog.route.Places;
import org.vmlog.route.Route;
import org.vmlog.route.Router;
import org.vmlog.route.SourceLimits;
import org.vmlog.sink.LineSink;
import org.vmlog.sink.SyslogSink;

/** That sockets on which nothing comes cost nothing. */
final class VmmSocketsIdleTest {
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  @TempDir private Path folder;

  @Test
  void read_nothingComes_takesNoCpu() throws Exception {
    CompletableFuture<Thread> made = new CompletableFuture<>();
    ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    try (VmmSockets sockets =
            VmmSockets.start(
                task -> {
                  made.complete(new Thread(task, "reader"));
                  return made.join();
                },
                IntakeFixture.parser(),
                InstantSource.system(),
                new IntakeCounters());
        PrivateFolder opened = PrivateFolder.open(folder, List.of());
        VmmSockets.Handle idle = sockets.read(listener(opened), route(timer))) {
      assertThat(idle).isNotNull();
      Thread reader = made.join();
      long before = THREADS.getThreadCpuTime(reader.getId());
      reader.join(300); // it does not end: this gives it time to spin
      long nanos = THREADS.getThreadCpuTime(reader.getId()) - before;
      assertThat(nanos).isLessThan(Duration.ofMillis(20).toNanos());
    } finally {
      timer.shutdownNow();
    }
  }

  private static DatagramListener listener(PrivateFolder folder) throws Exception {
    return DatagramListener.bind(folder, "idle.lsock", new SocketAccess(0600, Optional.empty()));
  }

  private Route route(ScheduledExecutorService timer) {
    LineStyle style = new LineStyle(LineFormat.SYSLOG, ScrubMode.STANDARD, ZoneOffset.UTC, 2);
    Router.Settings settings =
        new Router.Settings(
            style,
            style,
            1 << 20,
            1 << 20,
            Set.of(),
            new SourceLimits(100, 100, 1 << 20),
            InstantSource.system());
    Router router =
        new Router(
            settings,
            new SyslogOnly(folder.resolve("syslog")),
            new PipeMemory(1 << 20),
            new PipeWriters(Thread::new, timer));
    return router.open(new SourceIdentity.Anonymous(0));
  }

  private record SyslogOnly(Path socket) implements Places {
    @Override
    public LineSink vmFile(VmId id) {
      throw new UnsupportedOperationException("no files here");
    }

    @Override
    public LineSink hostUserFile(int uid) {
      throw new UnsupportedOperationException("no files here");
    }

    @Override
    public LineSink componentFile(ComponentId id) {
      throw new UnsupportedOperationException("no files here");
    }

    @Override
    public LineSink syslog() {
      return new SyslogSink(socket);
    }

    @Override
    public LineSink journal(String owner, String name) {
      throw new AssertionError("nothing goes to the journal here");
    }
  }
}
