package org.vmlog.intake;

import org.vmlog.identity.SourceIdentity.Refused;
import org.vmlog.metrics.Counter;
import org.vmlog.metrics.LabelledCounter;
import org.vmlog.metrics.LatencyHistogram;
import org.vmlog.wire.FirstBytes;
import org.vmlog.wire.Reply;

/**
 * What came in and what was turned away. Thread-safe.
 *
 * @param connections accepted from a source that may log
 * @param anonymousConnections of those, from a CID that nobody had announced
 * @param refusedConnections from a peer that may not log
 * @param excessConnections closed at once, since their source has as many as it may
 * @param foreignConnections closed, since they do not speak gRPC where it is spoken
 * @param streams of those that may log, by what is spoken on them, if it is not gRPC
 * @param malformedStreams closed, since what came is not what is spoken there
 * @param silentEntries of streams that have no message, and so are not written
 * @param refusedRequests answered with something else than OK
 * @param datagrams received on VMs' own sockets
 * @param ackTimes of requests that were answered with OK
 */
public record IntakeCounters(
    Counter connections,
    Counter anonymousConnections,
    LabelledCounter<Refused.Cause> refusedConnections,
    Counter excessConnections,
    LabelledCounter<FirstBytes> foreignConnections,
    LabelledCounter<Spoken> streams,
    LabelledCounter<Spoken> malformedStreams,
    Counter silentEntries,
    LabelledCounter<Reply.Refusal> refusedRequests,
    Counter datagrams,
    LatencyHistogram ackTimes) {
  /** Counters at zero. */
  public IntakeCounters() {
    this(
        new Counter(),
        new Counter(),
        new LabelledCounter<>(Refused.Cause.class),
        new Counter(),
        new LabelledCounter<>(FirstBytes.class),
        new LabelledCounter<>(Spoken.class),
        new LabelledCounter<>(Spoken.class),
        new Counter(),
        new LabelledCounter<>(Reply.Refusal.class),
        new Counter(),
        new LatencyHistogram());
  }
}
