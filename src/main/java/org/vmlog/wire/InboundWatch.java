package org.vmlog.wire;

import io.grpc.netty.shaded.io.netty.channel.Channel;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.vmlog.identity.SourceIdentity;

/**
 * Closes a connection whose peer holds it open without getting on: no HTTP/2 within {@link
 * #HANDSHAKE} of connecting, no call within {@link #FIRST_CALL} of that, a request that is not
 * whole after {@link #PATIENCE}, or an answer that is not taken for as long. gRPC has no setting
 * for any of these: a client that sends a body's beginning and then nothing, or that opens no
 * window for the answer, would hold a call, and what memory it takes, for ever.
 *
 * <p>One timer a connection, and only while there is something to watch: a timer for each call
 * would cost more than the call. Confined to the connection's event loop.
 */
final class InboundWatch {
  /** For the peer's first SETTINGS, which every client sends at once. */
  static final Duration HANDSHAKE = Duration.ofSeconds(10);

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
  private final ConnectionTimers timers;
  private final boolean patient;
  private final ArrayDeque<Watched> calls = new ArrayDeque<>(2);
  private boolean called;
  private boolean sweeping;
  private boolean ending;
  private @Nullable Future<?> handshake;

  InboundWatch(Channel channel, ConnectionTimers timers, SourceIdentity source) {
    this.channel = channel;
    this.timers = timers;
    // A component has its sink from its launcher and cannot get another: it may be silent.
    this.patient = source instanceof SourceIdentity.Component;
  }

  /** The peer has connected. */
  void connected() {
    handshake = timers.after(HANDSHAKE, this::abort);
  }

  /** The peer speaks HTTP/2 and may call from now on. */
  void greeted() {
    if (handshake != null) {
      boolean unused = handshake.cancel(false);
      handshake = null;
    }
    if (!patient && !called) {
      var unused = timers.after(FIRST_CALL, this::closeIfUnused);
    }
  }

  /** Closes the connection, in good order if the peer goes along with it within a while. */
  void abort() {
    if (!ending) {
      ending = true;
      var unused = timers.after(SWEEP, () -> PeerChannel.closeNow(channel));
      var unusedToo = channel.close();
    }
  }

  void began(Watched call) {
    called = true;
    calls.addLast(call);
    if (!sweeping) {
      sweeping = true;
      sweepLater();
    }
  }

  void ended(Watched call) {
    calls.remove(call);
  }

  private void sweepLater() {
    var unused = timers.after(SWEEP, this::sweep);
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
    sweeping = !calls.isEmpty();
    if (sweeping) {
      sweepLater();
    }
  }

  private void closeIfUnused() {
    if (!called) {
      abort();
    }
  }
}
