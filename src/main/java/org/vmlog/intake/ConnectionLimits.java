package org.vmlog.intake;

import java.util.HashMap;
import java.util.Map;
import java.util.function.IntSupplier;
import org.vmlog.identity.SourceIdentity;

/**
 * How many connections there may be: of each source, of all that have no name, and in all. A live
 * VM that has none can always get one, however many the others hold. Thread-safe.
 */
final class ConnectionLimits {
  /** Beside what the live VMs may have: for users of this host and for peers without a name. */
  private static final int BASE_TOTAL = 256;

  private static final int MAX_TOTAL = 8192;

  /** All peers without a name, and those that are refused, count as one. */
  private static final Object NAMELESS = new Object();

  private final int perSource;
  private final int nameless;
  private final IntSupplier liveVms;
  private final Map<Object, Integer> counts = new HashMap<>(); // guarded by this
  private int total; // guarded by this

  /**
   * Makes limits with no connection counted.
   *
   * @param perSource of each VM's generation and each user of this host
   * @param nameless of all anonymous and refused peers together
   */
  ConnectionLimits(int perSource, int nameless, IntSupplier liveVms) {
    this.perSource = perSource;
    this.nameless = nameless;
    this.liveVms = liveVms;
  }

  synchronized boolean admit(SourceIdentity source) {
    Object key = key(source);
    int held = counts.getOrDefault(key, 0);
    boolean first = held == 0 && source instanceof SourceIdentity.Vm;
    int allowed = key == NAMELESS ? nameless : perSource;
    if (!first && (held >= allowed || total >= maxTotal())) {
      return false;
    }
    counts.put(key, held + 1);
    total++;
    return true;
  }

  synchronized void left(SourceIdentity source) {
    counts.computeIfPresent(key(source), (key, held) -> held > 1 ? held - 1 : null);
    total--;
  }

  private int maxTotal() {
    return (int) Math.min(MAX_TOTAL, BASE_TOTAL + (long) perSource * liveVms.getAsInt());
  }

  private static Object key(SourceIdentity source) {
    return source instanceof SourceIdentity.Vm || source instanceof SourceIdentity.HostUser
        ? source
        : NAMELESS;
  }
}
