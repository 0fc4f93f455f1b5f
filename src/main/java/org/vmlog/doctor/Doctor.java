package org.vmlog.doctor;

import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.vmlog.config.ForwarderConfig;

/** Makes all checks of a host. Confined to one thread. */
public final class Doctor {
  private final Path root;
  private final InstantSource clock;

  /**
   * For this host.
   *
   * @param root under which the kernel's and the service manager's files are; {@code /}
   */
  public Doctor(Path root, InstantSource clock) {
    this.root = root;
    this.clock = clock;
  }

  /**
   * Looks at everything, and answers what was found by the checks' names, in their order.
   *
   * @param file the forwarder's configuration, if it is not the default
   */
  public Map<String, Finding> examine(Optional<Path> file) {
    ConfigCheck config = ConfigCheck.of(file);
    Map<String, Finding> found = new LinkedHashMap<>();
    found.put("configuration", config.finding());
    for (Check check : checks(config.config())) {
      found.put(check.name(), check.run());
    }
    return found;
  }

  private List<Check> checks(ForwarderConfig config) {
    ServiceChecks service = new ServiceChecks(config);
    GuestChecks guests = new GuestChecks(service);
    DoorChecks doors = new DoorChecks(config, service);
    FolderChecks folders = new FolderChecks(config, service);
    SocketChecks sockets = new SocketChecks(config, root);
    KernelChecks kernel = new KernelChecks(config, root);
    List<Check> checks = new ArrayList<>();
    checks.add(new Check("forwarder", service::forwarder));
    checks.add(new Check("bus", service::bus));
    String archive = System.getProperty("vmlog.forwarder.archive");
    if (archive != null) {
      checks.add(new Check("start", () -> ServiceChecks.archive(archive)));
    }
    checks.add(new Check("unknown guests", guests::unknown));
    checks.add(new Check("lost records", guests::losses));
    checks.add(new Check("consoles", doors::consoles));
    checks.add(new Check("journals", doors::journals));
    checks.add(new Check("kernels' lines", doors::twice));
    checks.add(new Check("gRPC", doors::foreign));
    checks.add(new Check("vsock", kernel::vsock));
    checks.add(new Check("datagram queue", kernel::datagramQueue));
    checks.add(new Check("groups", sockets::groups));
    checks.add(new Check("programs' socket", sockets::forwarderSocket));
    checks.add(new Check("VMs' sockets", folders::vmSockets));
    checks.add(new Check("hybrid vsocks", folders::hybridVsocks));
    checks.add(new Check("socket activation", sockets::activation));
    checks.add(new Check("local syslog", sockets::syslog));
    checks.add(new Check("log folder", folders::logs));
    checks.add(new Check("state folder", folders::state));
    checks.add(new Check("disk", new DiskCheck(config, service)::look));
    checks.add(new Check("clock", new ClockCheck(config, root, clock)::look));
    return checks;
  }
}
