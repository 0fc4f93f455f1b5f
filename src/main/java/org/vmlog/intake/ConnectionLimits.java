package org.vmlog.intake;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntSupplier;
import org.vmlog.identity.SourceIdentity;

/**
 * How many connections there may be: of each source and kind, of all that have no name, and in all.
 * A live VM or a component that has none can always get one, however many the others hold. And
 * connections never take the descriptors that files and sockets need: a log that cannot be rotated
 * or opened again would be a loss for its VM, a connection that is closed is one for its peer.
 * Thread-safe.
 */
final class ConnectionLimits {
  /** Beside what the live VMs may have: for users of this host and for peers without a name. */
  private static final int BASE_TOTAL = 256;

  static final int MAX_TOTAL = 8192;

  /**
   * Descriptors that are not a VM's: libraries, event loops, doors and buses, 70 or so, and what
   * the writers open for a moment as they rotate and compress.
   */
  static final int OWN_DESCRIPTORS = 256;

  /** Of each live VM: its file, its eight sockets, and its first connection of each kind. */
  static final int DESCRIPTORS_PER_VM = 9 + Spoken.values().length;

  /** Of each component that has a connection: its file, and that. */
  static final int DESCRIPTORS_PER_COMPONENT = 2;

  /** With a connection at the same time; their broker has its own limits, and may be restarted. */
  static final int MAX_COMPONENTS = 1024;

  /** A source's connections of one kind: those of another never keep it from having them. */
  private record Key(Spoken spoken, SourceIdentity source) {}

  /** What all peers without a name, and those that are refused, count as together. */
  private static final Object NAMELESS = new Object();

  private final int perSource;
  private final int nameless;
  private final int mostThatFit;
  private final int descriptors;
  private final IntSupplier liveVms;
  private final Map<Object, Integer> counts = new HashMap<>(); // guarded by this
  private int total; // guarded by this
  private int components; // with a connection; guarded by this

  /**
   * Makes limits with no connection counted.
   *
   * @param perSource and kind, of each VM's generation, user of this host, CID without a name
   * @param nameless of all anonymous and refused peers together
   * @param mostThatFit into memory, beside the first of each live VM
   * @param descriptors that the process may have open
   */
  ConnectionLimits(
      int perSource, int nameless, int mostThatFit, int descriptors, IntSupplier liveVms) {
    this.perSource = perSource;
    this.nameless = nameless;
    this.mostThatFit = Math.min(MAX_TOTAL, mostThatFit);
    this.descriptors = descriptors;
    this.liveVms = liveVms;
  }

  synchronized boolean hasRoomFor(Spoken spoken, SourceIdentity source) {
    boolean first = isAlwaysFirst(source) && !counts.containsKey(new Key(spoken, source));
    return first || (!isFull(spoken, source) && total < maxTotal());
  }

  /** Guarded by this. */
  private boolean isAlwaysFirst(SourceIdentity source) {
    return source instanceof SourceIdentity.Vm
        || (source instanceof SourceIdentity.Component
            && components < MAX_COMPONENTS
            && descriptorsLeft() >= DESCRIPTORS_PER_COMPONENT);
  }

  synchronized boolean admit(Spoken spoken, SourceIdentity source) {
    if (!hasRoomFor(spoken, source)) {
      return false;
    }
    components += isNewComponent(source) ? 1 : 0;
    keys(spoken, source).forEach(key -> counts.merge(key, 1, Integer::sum));
    total++;
    return true;
  }

  /** Guarded by this. */
  private boolean isFull(Spoken spoken, SourceIdentity source) {
    return keys(spoken, source).stream()
        .anyMatch(key -> counts.getOrDefault(key, 0) >= (key == NAMELESS ? nameless : perSource));
  }

  synchronized void left(Spoken spoken, SourceIdentity source) {
    for (Object key : keys(spoken, source)) {
      counts.computeIfPresent(key, (same, held) -> held > 1 ? held - 1 : null);
    }
    total--;
    components -= isNewComponent(source) ? 1 : 0;
  }

  /** Guarded by this. */
  private boolean isNewComponent(SourceIdentity source) {
    return source instanceof SourceIdentity.Component
        && !counts.containsKey(new Key(Spoken.GRPC, source));
  }

  private long maxTotal() {
    long sources = (long) liveVms.getAsInt() + components;
    return Math.min(descriptorsLeft(), Math.min(mostThatFit, BASE_TOTAL + perSource * sources));
  }

  /** For connections that are not the first of a live VM or a component. Guarded by this. */
  private long descriptorsLeft() {
    return descriptors
        - OWN_DESCRIPTORS
        - (long) DESCRIPTORS_PER_VM * liveVms.getAsInt()
        - (long) DESCRIPTORS_PER_COMPONENT * components;
  }

  /** What a connection counts as. TCP peers without a name cannot be told from each other. */
  private static List<Object> keys(Spoken spoken, SourceIdentity source) {
    Key own = new Key(spoken, source);
    if (source instanceof SourceIdentity.Anonymous guest) {
      return guest.cid() == 0 ? List.of(NAMELESS) : List.of(own, NAMELESS);
    }
    return List.of(source instanceof SourceIdentity.Refused ? NAMELESS : own);
  }
}
