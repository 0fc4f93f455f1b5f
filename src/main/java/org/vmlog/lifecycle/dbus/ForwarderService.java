package org.vmlog.lifecycle.dbus;

import java.net.InetAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Function;
import org.vmlog.identity.SourceRegistry;
import org.vmlog.lifecycle.HandedSockets;
import org.vmlog.lifecycle.VmLifecycle;
import org.vmlog.platform.BusConnection;
import org.vmlog.platform.BusService;
import org.vmlog.route.Router;
import org.vmlog.sink.LogFileNaming;

/** Puts {@code org.vmlog.Forwarder1} together. */
public final class ForwarderService {
  private ForwarderService() {}

  /**
   * The service, to be put on a bus.
   *
   * @param addresses reads an address that may name a VM; what it throws
   *     (IllegalArgumentException) says what is allowed
   * @param calls as {@link BusService} has it
   */
  public static BusConnection.Client create(
      SourceRegistry registry,
      VmLifecycle lifecycle,
      HandedSockets sockets,
      Router router,
      LogFileNaming naming,
      Path logDirectory,
      Function<String, InetAddress> addresses,
      Executor calls,
      ScheduledExecutorService timer) {
    Leases leases = new Leases(registry::claims, lifecycle);
    ForwarderObject object =
        new ForwarderObject(
            new ForwarderObject.Host(registry, lifecycle, sockets, router),
            new Authority(),
            new RegistrationReader(addresses),
            leases,
            new LiveVmList(registry, naming, logDirectory));
    BusService service =
        new BusService(ForwarderObject.INTERFACE, Map.of(ForwarderObject.PATH, object), calls);
    router.onDrop(new DropSignals(service, timer));
    // Leases first: whoever finds the name may ask for one.
    return BusConnection.Client.all(List.of(leases, service));
  }
}
