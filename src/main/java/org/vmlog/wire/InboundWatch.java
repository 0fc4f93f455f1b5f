package org.vmlog.wire;

import io.grpc.netty.shaded.io.netty.channel.Channel;
import io.grpc.netty.shaded.io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.vmlog.identity.SourceIdentity;

/**
 * Closes a connection whose peer holds it open without getting on: no call within {@link
 * #FIRST_CALL} of connecting, a request that is not whole after {@link #PATIENCE}, or an answer
 * that is not taken for as long. gRPC has no setting for any of these: a client that sends a body's
 * beginning and then nothing, or that opens no window for the answer, would hold a call, and what
 * memory it takes, for ever.
 *
 * <p>One timer a connection, and only while there is something to watch: a timer for each call
 * would cost more than the call. Confined to the connection's event loop.
 */
final class InboundWatch {
  static final Duration FIRST_CALL = Duration.ofSeconds(30);

  /** A sweep every half of this finds a slow peer at latest after one and a half. */
  static final Duration PATIENCE = Duration.ofSeconds(10);

  private static final Duration SWEEP = PATIENCE.dividedBy(2);

  /** A call, from its beginning until its answer is taken or it is cancelled. */
  interface Watched {
    /** When the peer's turn began, by System.nanoTime; 0 while it is ours. */
    long peersTurnNanos();

    /** The peer has had its time. */
    void timedOut();

    /** Whether the peer has said that it does not wait any more at this time. */
    boolean isPast(long nanos);

    /** It does not. */
    void abandoned();
  }

  private final Channel channel;
  private final EventLoop loop;
  private final boolean patient;
  private final ArrayDeque<Watched> calls = new ArrayDeque<>(2);
  private boolean called;
  private @Nullable Future<?> firstCall;
  private @Nullable Future<?> nextSweep;
  private @Nullable Future<?> end;

  InboundWatch(Channel channel, EventLoop loop, SourceIdentity source) {
    this.channel = channel;
    this.loop = loop;
    // A component has its sink from its launcher and cannot get another: it may be silent.
    this.patient = source instanceof SourceIdentity.Component;
  }

  /** The peer may call from now on. */
  void begin() {
    if (!patient && !called) {
      firstCall = schedule(this::closeIfUnused, FIRST_CALL);
    }
  }

  private Future<?> schedule(Runnable task, Duration delay) {
    return loop.schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
  }

  /** Closes the connection, in good order if the peer goes along with it within a while. */
  void abort() {
    if (end == null) {
      end = schedule(() -> PeerChannel.closeNow(channel), SWEEP);
      var unused = channel.close();
    }
  }

  void began(Watched call) {
    called = true;
    calls.addLast(call);
    if (nextSweep == null) {
      nextSweep = schedule(this::sweep, SWEEP);
    }
  }

  void ended(Watched call) {
    calls.remove(call);
  }

  /**
   * The connection is gone. A timer that still ran would keep it in memory until it fires, and a
   * peer that connects again and again could fill the heap with its dead connections.
   */
  void stop() {
    cancel(firstCall);
    cancel(nextSweep);
    cancel(end);
  }

  private static void cancel(@Nullable Future<?> timer) {
    if (timer != null) {
      boolean unused = timer.cancel(false);
    }
  }

  private void sweep() {
    long now = System.nanoTime();
    for (Watched call : List.copyOf(calls)) {
      long since = call.peersTurnNanos();
      if (since != 0 && now - since >= PATIENCE.toNanos()) {
        calls.remove(call);
        call.timedOut();
        abort();
      } else if (call.isPast(now)) {
        call.abandoned();
      }
    }
    nextSweep = calls.isEmpty() ? null : schedule(this::sweep, SWEEP);
  }

  private void closeIfUnused() {
    if (!called) {
      abort();
    }
  }
}
