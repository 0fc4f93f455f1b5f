package org.vmlog.intake;

import static org.vmlog.identity.Claimant.Source.CONCIERGE;

import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.function.Function;
import java.util.function.Supplier;
import org.vmlog.identity.Claim;
import org.vmlog.identity.ComponentId;
import org.vmlog.identity.Generation;
import org.vmlog.identity.SourceRegistry;
import org.vmlog.identity.VmId;
import org.vmlog.identity.VmSpec;
import org.vmlog.record.LineFormat;
import org.vmlog.record.ScrubMode;
import org.vmlog.record.SyslogParser;
import org.vmlog.route.CopyTarget;
import org.vmlog.route.LineStyle;
import org.vmlog.route.PipeMemory;
import org.vmlog.route.PipeWriters;
import org.vmlog.route.Places;
import org.vmlog.route.Router;
import org.vmlog.route.SourceLimits;
import org.vmlog.sink.LineSink;
import org.vmlog.testing.RecordingSink;

/** A router with real pipes and writers over sinks of the test's choice. */
final class IntakeFixture implements AutoCloseable {
  static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
  static final InstantSource CLOCK = InstantSource.fixed(NOW);
  static final VmId WEB = new VmId("alice", "web");

  /** How every drop line of this VM begins. */
  static final String DROP_HEAD = "<44>Mar  1 12:00:00 web forwarder: ";

  static SyslogParser parser() {
    return new SyslogParser(SyslogParser.Sender.LOCAL, ZoneOffset.UTC);
  }

  /** How the router is set up; what is not set is as large as it is by default. */
  static final class Options {
    LineSink sink = new RecordingSink();
    LineSink syslog = new RecordingSink();

    /** Makes the syslog sink of each pipe, of which there may be many. */
    Supplier<LineSink> syslogs = () -> syslog;

    Supplier<LineSink> journals = () -> syslog;

    Set<CopyTarget> copies = Set.of();
    int pipeBytes = 1 << 20;
    int syslogBytes = 1 << 20;
    SourceLimits limits = new SourceLimits(1_000_000, 1_000_000, 1L << 30);
  }

  final ScheduledThreadPoolExecutor timer =
      new ScheduledThreadPoolExecutor(1, IntakeFixture::thread);
  final PipeWriters writers = new PipeWriters(IntakeFixture::thread, timer);
  final SourceRegistry registry = new SourceRegistry();
  final Map<VmId, Function<VmId, LineSink>> others = new ConcurrentHashMap<>();
  final Router router;

  IntakeFixture(Options options) {
    LineStyle file = new LineStyle(LineFormat.RFC3164, ScrubMode.STANDARD, ZoneOffset.UTC, 2);
    LineStyle syslog = new LineStyle(LineFormat.SYSLOG, ScrubMode.STANDARD, ZoneOffset.UTC, 2);
    Places places =
        new Places() {
          @Override
          public LineSink vmFile(VmId id) {
            return others.getOrDefault(id, any -> options.sink).apply(id);
          }

          @Override
          public LineSink hostUserFile(int uid) {
            return options.sink;
          }

          @Override
          public LineSink componentFile(ComponentId id) {
            return options.sink;
          }

          @Override
          public LineSink syslog() {
            return options.syslogs.get();
          }

          @Override
          public LineSink journal(String owner, String name) {
            return options.journals.get();
          }
        };
    router =
        new Router(
            new Router.Settings(
                file,
                syslog,
                options.pipeBytes,
                options.syslogBytes,
                options.copies,
                options.limits,
                CLOCK),
            places,
            new PipeMemory(24 << 20),
            writers);
  }

  static Thread thread(Runnable task) {
    Thread thread = new Thread(task);
    thread.setDaemon(true);
    return thread;
  }

  Generation start(VmId id, long cid) {
    var unused = registry.started(Claim.of(CONCIERGE, VmSpec.ofCid(id, cid)));
    return registry.byId(id).orElseThrow();
  }

  void stop(VmId id, long cid) {
    var unused = registry.stopped(CONCIERGE, id, OptionalLong.of(cid));
  }

  Generation start() throws IOException {
    return start(WEB, 7);
  }

  /** How many records the sink's drop lines with this text count. */
  static long dropped(RecordingSink sink, String text) {
    return sink.lines().stream()
        .filter(line -> line.startsWith(DROP_HEAD) && line.endsWith(text))
        .mapToLong(line -> Long.parseLong(line.substring(DROP_HEAD.length()).split(" ")[0]))
        .sum();
  }

  /** How many of the sink's lines are no drop lines. */
  static long written(RecordingSink sink) {
    return sink.lines().stream().filter(line -> !line.startsWith(DROP_HEAD)).count();
  }

  @Override
  public void close() {
    writers.close();
    timer.shutdownNow();
  }
}
