package org.vmlog.route;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;

/**
 * The threads that are known to hang, in which devices, and the pipes that wait for those. Guarded
 * by the {@link PipeWriters}' lock, but for {@link #isCalm}.
 */
final class HungDevices {
  private final int maxThreads;
  private final Map<Thread, Device> threads = new HashMap<>();
  private final Map<Object, Device> devices = new HashMap<>();
  private volatile boolean calm = true;

  private static final class Device {
    final Object key;
    final ArrayDeque<LogPipe> parked = new ArrayDeque<>();
    int threads;

    Device(Object key) {
      this.key = key;
    }
  }

  /**
   * None hangs.
   *
   * @param maxThreads that may hang in one device before its pipes are parked
   */
  HungDevices(int maxThreads) {
    this.maxThreads = maxThreads;
  }

  /** Whether nothing is known to hang. Any thread may ask. */
  boolean isCalm() {
    return calm;
  }

  /** A thread hangs in a device. */
  void hangs(Thread thread, Object device) {
    calm = false;
    Device known = devices.computeIfAbsent(device, Device::new);
    known.threads++;
    threads.put(thread, known);
  }

  /** If a thread did hang it is back; what is parked for its device is ready again. */
  void returned(Thread thread, Queue<LogPipe> ready) {
    Device known = threads.remove(thread);
    if (known != null) {
      ready.addAll(known.parked);
      known.parked.clear();
      if (--known.threads == 0) {
        devices.remove(known.key);
      }
      calm = threads.isEmpty();
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
