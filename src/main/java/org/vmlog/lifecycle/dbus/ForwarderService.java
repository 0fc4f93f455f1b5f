package org.vmlog.lifecycle.dbus;

import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Function;
import java.util.function.Supplier;
import org.vmlog.bus.BusConnection;
import org.vmlog.bus.BusLeases;
import org.vmlog.bus.BusService;
import org.vmlog.bus.LogControl;
import org.vmlog.identity.Generation;
import org.vmlog.identity.SourceRegistry;
import org.vmlog.lifecycle.HandedSockets;
import org.vmlog.lifecycle.VmEvent;
import org.vmlog.lifecycle.VmLifecycle;
import org.vmlog.metrics.CounterSnapshot;
import org.vmlog.route.Router;
import org.vmlog.sink.LogFileNaming;

/** Puts {@code org.vmlog.Forwarder1} together. */
public final class ForwarderService {
  private ForwarderService() {}

  /**
   * What the service speaks for.
   *
   * @param hybridProblem why a live VM cannot come by its hybrid vsock; may be asked by any thread
   * @param counters what the daemon counts; may be asked by any thread
   */
  public record Host(
      SourceRegistry registry,
      VmLifecycle lifecycle,
      HandedSockets sockets,
      Router router,
      LogFileNaming naming,
      Function<Generation, Optional<String>> hybridProblem,
      Supplier<CounterSnapshot> counters) {}

  /**
   * The service, to be put on a bus.
   *
   * @param addresses reads an address that may name a VM; what it throws (IllegalArgumentException)
   *     says what is allowed
   * @param calls as {@link BusService} has it
   */
  public static BusConnection.Client create(
      Host host,
      Function<String, InetAddress> addresses,
      Executor calls,
      ScheduledExecutorService timer) {
    Authority authority = new Authority();
    BusLeases leases =
        new BusLeases(
            () ->
                host.registry().claims().stream().flatMap(claim -> claim.lease().stream()).toList(),
            lease -> host.lifecycle().accept(new VmEvent.LeaseEnded(lease)));
    ForwarderObject object =
        new ForwarderObject(
            host,
            authority,
            new RegistrationReader(addresses),
            leases,
            new LiveVmList(host.registry(), host.naming(), host.hybridProblem()));
    LogControl log =
        new LogControl(
            "vmlog-forwarder",
            request -> {
              var unused = authority.require(Authority.Right.LOG, request);
            });
    BusService service =
        new BusService(
            ForwarderObject.INTERFACE,
            Map.of(ForwarderObject.PATH, object, LogControl.PATH, log),
            calls);
    host.router().onDrop(new DropSignals(service, timer));
    // Leases first: whoever finds the name may ask for one.
    return BusConnection.Client.all(List.of(leases, service));
  }
}
