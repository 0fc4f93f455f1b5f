package org.vmlog.lifecycle.dbus;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.freedesktop.dbus.types.UInt64;
import org.vmlog.bus.BusService;
import org.vmlog.identity.VmId;
import org.vmlog.route.DropListener;
import org.vmlog.route.DropReason;

/**
 * Signals what VMs have lost, summed over a second: a VM that floods is worth one signal for each
 * reason and second. Thread-safe.
 */
final class DropSignals implements DropListener {
  private static final Duration SUMMED = Duration.ofSeconds(1);

  private record Kind(VmId vm, DropReason reason) {}

  private final BusService service;
  private final ScheduledExecutorService timer;
  private final Map<Kind, Long> sums = new LinkedHashMap<>(); // guarded by itself

  DropSignals(BusService service, ScheduledExecutorService timer) {
    this.service = service;
    this.timer = timer;
  }

  @Override
  public void dropped(VmId vm, DropReason reason, long count) {
    if (!reason.isLoss()) {
      return;
    }
    boolean first;
    synchronized (sums) {
      first = sums.isEmpty();
      sums.merge(new Kind(vm, reason), count, Long::sum);
    }
    if (first) {
      var unused = timer.schedule(this::emit, SUMMED.toMillis(), TimeUnit.MILLISECONDS);
    }
  }

  private void emit() {
    Map<Kind, Long> emitted;
    synchronized (sums) {
      emitted = Map.copyOf(sums);
      sums.clear();
    }
    emitted.forEach(
        (kind, count) ->
            service.emit(
                ForwarderObject.PATH,
                ForwarderObject.INTERFACE,
                "VmLogDropped",
                "ssts",
                kind.vm().owner(),
                kind.vm().name(),
                new UInt64(count),
                kind.reason().word()));
  }
}
