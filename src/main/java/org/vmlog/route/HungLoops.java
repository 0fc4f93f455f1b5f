package org.vmlog.route;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.vmlog.platform.LoopShift;

/**
 * Has event loops relieved that hang in a drain, and knows whose threads do. Guarded by the {@link
 * PipeWriters}' lock, but for {@link #isNone}.
 */
final class HungLoops {
  private final HungDevices devices;
  private final List<LoopDrains> loops = new ArrayList<>();

  /** The threads that were relieved and are not back, and the devices in which they hang. */
  private final Map<Thread, Object> relieved = new HashMap<>();

  private volatile boolean none = true;

  /** Knows of no loop. */
  HungLoops(HungDevices devices) {
    this.devices = devices;
  }

  /** Looks after the drains of one more loop. */
  LoopDrains add(PipeWriters writers, LoopShift shift) {
    LoopDrains drains = new LoopDrains(writers, shift);
    loops.add(drains);
    return drains;
  }

  /** Whether no loop's thread hangs. Any thread may ask. */
  boolean isNone() {
    return none;
  }

  /**
   * Relieves those that have been in a call to a sink for so long.
   *
   * @param now by System.nanoTime
   * @return whether any loop has drained something of late
   */
  boolean watch(long now, long limitNanos) {
    boolean busy = false;
    for (LoopDrains loop : loops) {
      busy |= loop.wasActive();
      LogPipe hanging = loop.hanging(now, limitNanos);
      if (hanging != null) {
        none = false; // before a substitute looks, or the one who hangs
        Thread gone = loop.relieve(now, limitNanos);
        if (gone != null) {
          Object device = hanging.device();
          relieved.put(gone, device);
          devices.hangs(device);
        }
      }
    }
    none = relieved.isEmpty();
    return busy;
  }

  /** The calling thread, a loop's, is back from where it may have been relieved. */
  void returned(ArrayDeque<LogPipe> ready) {
    Object device = relieved.remove(Thread.currentThread());
    if (device != null) {
      devices.returned(device, ready);
    }
    none = relieved.isEmpty();
  }
}
