package org.vmlog.intake;

import java.time.InstantSource;
import java.time.ZoneId;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Supplier;
import org.vmlog.identity.Generation;
import org.vmlog.identity.SourceIdentity;
import org.vmlog.identity.SourceRegistry;
import org.vmlog.record.ConsoleDecoder;
import org.vmlog.record.JournalDecoder;
import org.vmlog.record.StreamDecoder;
import org.vmlog.record.SyslogDecoder;
import org.vmlog.route.Router;
import org.vmlog.wire.Admission;
import org.vmlog.wire.FirstBytes;
import org.vmlog.wire.LogConnection;
import org.vmlog.wire.LogServer;
import org.vmlog.wire.LogService;
import org.vmlog.wire.Protocol;
import org.vmlog.wire.StreamService;
import org.vmlog.wire.Transport;

/** What has the guests' connections: gRPC's, and by {@link #streams} all others. Thread-safe. */
public final class GrpcIntake implements LogService {
  private final RequestJob.Context context;
  private final IntakeCounters counters;
  private final SourceConnections sources;
  private final Admission admission;
  private final StreamConnection.Context streams;

  /**
   * How much may come at once.
   *
   * @param maxRecords how many records one request may hold
   * @param connectionsPerSource of each VM and each user of this host
   * @param connectionsNameless of all anonymous and refused peers together
   * @param connectionsThatFit into memory
   * @param descriptors that the process may have open; connections leave files what they need
   */
  public record Limits(
      int maxRecords,
      int connectionsPerSource,
      int connectionsNameless,
      int connectionsThatFit,
      int descriptors) {}

  /**
   * Makes an intake without connections.
   *
   * @param limits how much a peer may open and send at once
   */
  public GrpcIntake(
      Router router,
      SourceRegistry registry,
      Limits limits,
      InstantSource clock,
      ScheduledExecutorService timer,
      IntakeCounters counters) {
    this.counters = counters;
    ThreadLocal<Rendering> rendering = ThreadLocal.withInitial(Rendering::new);
    this.context =
        new RequestJob.Context(rendering, clock, timer, counters.ackTimes(), limits.maxRecords());
    this.streams = new StreamConnection.Context(rendering, clock, counters);
    ConnectionLimits connections =
        new ConnectionLimits(
            limits.connectionsPerSource(),
            limits.connectionsNameless(),
            limits.connectionsThatFit(),
            limits.descriptors(),
            () -> registry.live().size());
    this.sources = new SourceConnections(router, registry, connections, counters);
    this.admission = sources.admission(Spoken.GRPC);
  }

  /**
   * What has the streams of another kind of door. Their sources, limits and generations are the
   * same as gRPC's.
   *
   * @param decoders makes one for each connection
   */
  public StreamService streams(Spoken spoken, Supplier<StreamDecoder> decoders) {
    return new StreamIntake(spoken, decoders, sources, streams);
  }

  /** The ways in that each live VM has for itself. */
  public List<VmDoor> vmDoors(LogServer server, ZoneId zone, InstantSource clock) {
    Protocol console = server.streams(streams(Spoken.CONSOLE, () -> new ConsoleDecoder(clock)));
    Protocol journal = server.streams(streams(Spoken.JOURNAL, () -> new JournalDecoder(clock)));
    Protocol syslog = server.streams(streams(Spoken.SYSLOG, () -> new SyslogDecoder(zone, clock)));
    return List.of(
        new VmDoor("grpc", OptionalInt.of(VmDoor.GRPC_PORT), server.grpc()),
        new VmDoor("journal", OptionalInt.of(VmDoor.JOURNAL_PORT), journal),
        new VmDoor("console", OptionalInt.empty(), console),
        new VmDoor("syslog", OptionalInt.of(VmDoor.SYSLOG_PORT), syslog));
  }

  @Override
  public boolean hasRoomFor(SourceIdentity source) {
    return admission.hasRoomFor(source);
  }

  @Override
  public boolean admit(SourceIdentity source) {
    return admission.admit(source);
  }

  @Override
  public void left(SourceIdentity source) {
    admission.left(source);
  }

  @Override
  public void foreign(FirstBytes first) {
    counters.foreignConnections().of(first).increment();
  }

  @Override
  public LogConnection connected(SourceIdentity source, Transport transport) {
    SourceConnections.Opening opening = sources.open(source, Spoken.GRPC, transport);
    if (opening instanceof SourceConnections.Opening.Opened opened) {
      return new SourceConnection(context, opened, transport, counters.refusedRequests());
    }
    String reason = ((SourceConnections.Opening.Denied) opening).reason();
    return new RefusedConnection(reason, counters.refusedRequests());
  }

  /**
   * Closes the connections that this VM opened before anybody knew it: a guest keeps one connection
   * for as long as it can, and its next one is the VM's. What they have handed in is still written,
   * where they said it.
   */
  public void announced(Generation vm) {
    sources.announced(vm);
  }

  /** Closes the connections of a VM that has stopped; what they have handed in is still written. */
  public void hangUp(Generation vm) {
    sources.hangUp(vm);
  }
}
