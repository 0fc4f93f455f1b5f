package org.vmlog.route;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;

/**
 * The devices that threads are known to hang in, and the pipes that wait for them. Guarded by the
 * {@link PipeWriters}' lock.
 */
final class HungDevices {
  private final int maxThreads;
  private final Map<Object, Device> devices = new HashMap<>();

  private static final class Device {
    int threads;
    final ArrayDeque<LogPipe> parked = new ArrayDeque<>();
  }

  /**
   * None hangs.
   *
   * @param maxThreads that may hang in one device before its pipes are parked
   */
  HungDevices(int maxThreads) {
    this.maxThreads = maxThreads;
  }

  /** One thread more hangs in it. */
  void hangs(Object device) {
    devices.computeIfAbsent(device, key -> new Device()).threads++;
  }

  /** A thread is back from it; its parked pipes are ready again. */
  void returned(Object device, Queue<LogPipe> ready) {
    Device known = devices.get(device);
    if (known != null) {
      ready.addAll(known.parked);
      known.parked.clear();
      if (--known.threads == 0) {
        devices.remove(device);
      }
    }
  }

  /** Parks a pipe one of whose devices has enough threads in it; false when it may be drained. */
  boolean park(LogPipe pipe) {
    if (devices.isEmpty()) {
      return false;
    }
    for (Object one : pipe.devices()) {
      Device device = devices.get(one);
      if (device != null && device.threads >= maxThreads) {
        device.parked.addLast(pipe);
        return true;
      }
    }
    return false;
  }
}
