package org.vmlog.doctor;

import java.io.IOException;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.vmlog.bus.BusClient;
import org.vmlog.bus.BusException;
import org.vmlog.config.ForwarderConfig;
import org.vmlog.lifecycle.dbus.ForwarderClient;
import org.vmlog.scrape.MetricsClient;
import org.vmlog.scrape.MetricsPage;
import org.vmlog.scrape.Sample;

/**
 * Whether the forwarder answers, by the two ways there are; what it has answered is for other
 * checks to look at. Confined to one thread.
 */
final class ServiceChecks {
  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final BusClient.Target BUS =
      new BusClient.Target("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus");
  private static final String NAME = "org.vmlog.Forwarder1";

  private final ForwarderConfig config;
  private @Nullable MetricsPage page;
  private @Nullable Map<String, Object> counters;
  private List<Map<String, Object>> vms = List.of();

  ServiceChecks(ForwarderConfig config) {
    this.config = config;
  }

  Finding forwarder() {
    if (config.metrics().listen().isEmpty()) {
      return Finding.note(
          "metrics.listen is false, so what it counts cannot be looked at", "give it a socket");
    }
    MetricsClient client = new MetricsClient(config.metrics().listen().get());
    try {
      MetricsPage answer = client.fetch();
      page = answer;
      return version(client, answer);
    } catch (IOException e) {
      String what = String.valueOf(e.getMessage());
      return isForbidden(config.metrics().listen().get())
          ? Finding.wrong(what, "be in the group vmlog, or root")
          : Finding.wrong(
              "it does not answer: " + what,
              "systemctl start vmlog-forwarder; if it ends, journalctl -u vmlog-forwarder says why");
    }
  }

  /** To connect to a socket, it must be writable, and its folders must let pass; unix(7). */
  private static boolean isForbidden(SocketAddress address) {
    return address instanceof UnixDomainSocketAddress unix
        && !Files.isWritable(unix.getPath())
        && !Files.notExists(unix.getPath());
  }

  private static Finding version(MetricsClient client, MetricsPage answer) {
    String runs =
        answer.all("vmlog_build_info").stream()
            .map(sample -> sample.label("version"))
            .findFirst()
            .orElse("unknown");
    String installed = ServiceChecks.class.getPackage().getImplementationVersion();
    return installed == null || installed.equals(runs)
        ? Finding.ok("version " + runs + " answers on " + client)
        : Finding.note(
            "version %s runs, and %s is installed".formatted(runs, installed),
            "systemctl restart vmlog-forwarder");
  }

  /**
   * Whether the daemon starts from its archive of loaded classes: the launcher knows.
   *
   * @param archive the JVM's option for it; empty if there is none that fits
   */
  static Finding archive(String archive) {
    return archive.isEmpty()
        ? Finding.note(
            "the forwarder's archive of classes is missing, or of another JVM or version, so it takes"
                + " twice as long to start",
            "/usr/share/vmlog/bin/make-archives")
        : Finding.ok(archive.substring(archive.indexOf('=') + 1) + " fits this JVM");
  }

  Finding bus() {
    Optional<String> address = config.dbus().address();
    if (address.isEmpty()) {
      return Finding.ok("not used, as dbus.address says");
    }
    try {
      if (!isOwned(address.get())) {
        return Finding.wrong(
            "nobody has the name " + NAME + ", so that no VM can be announced",
            "start vmlog-forwarder; if it runs, install org.vmlog.Forwarder1.conf for the bus");
      }
      try (ForwarderClient forwarder = ForwarderClient.connect(address.get())) {
        counters = forwarder.counters();
        vms = forwarder.list();
      }
      int live = vms.size();
      return Finding.ok(
          "%s is there, %s VM%s live".formatted(NAME, live, live == 1 ? " is" : "s are"));
    } catch (BusException e) {
      String advice =
          switch (e.name()) {
            case BusClient.NO_BUS -> "start dbus, or set dbus.address";
            case BusClient.NOT_LET_IN, BusException.DENIED ->
                "be root, or in the group vmlog or vmlog-admin";
            default -> "look at it with busctl status " + NAME;
          };
      return Finding.wrong(String.valueOf(e.getMessage()), advice);
    }
  }

  /** Asked first: a call would have the bus start the service. */
  private static boolean isOwned(String address) throws BusException {
    try (BusClient bus = BusClient.connect(address)) {
      return (Boolean) bus.call(BUS, PATIENCE, "NameHasOwner", "s", NAME)[0];
    }
  }

  /** What it counts of each source; empty if it has not answered. */
  Optional<MetricsPage> page() {
    return Optional.ofNullable(page);
  }

  /** What it counts for all, by the keys of GetCounters; empty if it has not answered. */
  Optional<Map<String, Object>> counters() {
    return Optional.ofNullable(counters);
  }

  /** The live VMs, by the keys of ListVms. */
  List<Map<String, Object>> vms() {
    return vms;
  }

  /** The sum of a metric's numbers. */
  static double sum(List<Sample> samples) {
    return samples.stream().mapToDouble(Sample::value).sum();
  }
}
