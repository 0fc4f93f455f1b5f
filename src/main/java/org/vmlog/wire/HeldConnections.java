package org.vmlog.wire;

import io.grpc.netty.shaded.io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.slf4j.LoggerFactory;
import org.vmlog.identity.SourceIdentity;
import org.vmlog.platform.LimitedLog;

/**
 * Connections that wait, unread, until it is known whose they are: a VM may log before its launcher
 * has announced it.
 *
 * <p>A held connection is a descriptor that no event loop has heard of. What its peer sends, and
 * that it hangs up, waits in the kernel; gRPC, its handshake and all timers begin when the wait is
 * over. Who takes a connection out of here, under the lock, is the one who decides about it.
 *
 * <p>Thread-safe.
 */
final class HeldConnections {
  static final int MAX_PER_GUEST = 4;
  static final int MAX_TOTAL = 64;

  private static final LimitedLog EXCESS =
      LimitedLog.on(LoggerFactory.getLogger(HeldConnections.class));

  /** One of them, and who lets it in. */
  private record Held(PeerChannel connection, DoorHandler door, EventLoop loop) {
    void serve(SourceIdentity source) {
      door.serve(connection, source);
    }
  }

  private final Duration duration;
  private final HoldCounters counters = new HoldCounters();
  private final Map<SourceIdentity.Anonymous, List<Held>> held = new HashMap<>(); // guarded by this
  private int total; // guarded by this
  private boolean closed; // guarded by this

  /**
   * Holds nothing yet.
   *
   * @param duration how long a connection waits; zero if none does
   */
  HeldConnections(Duration duration) {
    this.duration = duration;
  }

  /** Whether a guest's connections wait. A TCP peer, which has no CID, is never announced. */
  boolean concerns(SourceIdentity.Anonymous guest) {
    return guest.cid() != 0 && !duration.isZero();
  }

  /** Holds a connection, or closes it if too many are held. Called on its door's event loop. */
  void hold(
      SourceIdentity.Anonymous guest, PeerChannel connection, DoorHandler door, EventLoop loop) {
    Held one = new Held(connection, door, loop);
    if (!add(guest, one)) {
      counters.excess().increment();
      EXCESS.warn(
          "closed a connection of CID {}, which nobody has announced: {} of it wait, or {} in all",
          guest.cid(),
          MAX_PER_GUEST,
          MAX_TOTAL);
      connection.unsafe().closeForcibly();
      return;
    }
    counters.held().increment();
    Duration most = door.maxHold();
    long nanos = (duration.compareTo(most) < 0 ? duration : most).toNanos();
    var unused = loop.schedule(() -> expired(guest, one), nanos, TimeUnit.NANOSECONDS);
  }

  private synchronized boolean add(SourceIdentity.Anonymous guest, Held one) {
    List<Held> ofGuest = held.getOrDefault(guest, List.of());
    if (closed || total >= MAX_TOTAL || ofGuest.size() >= MAX_PER_GUEST) {
      return false;
    }
    held.computeIfAbsent(guest, key -> new ArrayList<>(1)).add(one);
    total++;
    return true;
  }

  /** Has waited long enough: whoever is known by now, it is served. */
  private void expired(SourceIdentity.Anonymous guest, Held one) {
    if (remove(guest, one)) {
      SourceIdentity source = one.door().identify(one.connection());
      boolean unknown = source instanceof SourceIdentity.Anonymous;
      (unknown ? counters.expired() : counters.announced()).increment();
      one.serve(source);
    }
  }

  private synchronized boolean remove(SourceIdentity.Anonymous guest, Held one) {
    List<Held> ofGuest = held.get(guest);
    if (ofGuest == null || !ofGuest.remove(one)) {
      return false;
    }
    if (ofGuest.isEmpty()) {
      held.remove(guest);
    }
    total--;
    return true;
  }

  /** The connections of this guest are this VM's. */
  void announced(SourceIdentity.Anonymous guest, SourceIdentity.Vm vm) {
    for (Held one : removeAll(guest)) {
      counters.announced().increment();
      one.loop().execute(() -> one.serve(vm));
    }
  }

  private synchronized List<Held> removeAll(SourceIdentity.Anonymous guest) {
    List<Held> ofGuest = held.remove(guest);
    if (ofGuest == null) {
      return List.of();
    }
    total -= ofGuest.size();
    return ofGuest;
  }

  synchronized int size() {
    return total;
  }

  HoldCounters counters() {
    return counters;
  }

  /** Closes those that wait, and all that would have to from now on. */
  synchronized void close() {
    closed = true;
    held.values()
        .forEach(ofGuest -> ofGuest.forEach(one -> one.connection().unsafe().closeForcibly()));
    held.clear();
    total = 0;
  }
}
