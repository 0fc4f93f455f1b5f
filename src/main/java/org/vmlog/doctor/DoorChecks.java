package org.vmlog.doctor;

import java.io.IOException;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.vmlog.config.ForwarderConfig;
import org.vmlog.logs.LogFolder;
import org.vmlog.logs.VmLog;
import org.vmlog.platform.HostZone;
import org.vmlog.record.Channel;
import org.vmlog.scrape.MetricsPage;
import org.vmlog.scrape.Sample;
import org.vmlog.view.From;
import org.vmlog.view.History;
import org.vmlog.view.LogLine;
import org.vmlog.view.query.LineFilter;

/** By which doors the live VMs' guests come, and by which they do not. Confined to one thread. */
final class DoorChecks {
  private static final int MAX_NAMED = 3;

  /** How much of a log is looked at. */
  private static final int LINES = 500;

  /** What printk puts before a line on a console. */
  private static final Pattern PRINTK = Pattern.compile("\\[ *\\d+\\.\\d{6}\\] .*");

  private static final String MENDED = "mend that first";
  private static final String CANNOT = "cannot be told without an answer of the forwarder";

  private final ForwarderConfig config;
  private final ServiceChecks service;

  DoorChecks(ForwarderConfig config, ServiceChecks service) {
    this.config = config;
    this.service = service;
  }

  /** VMs of which nobody reads the console, where their last lines before a panic are. */
  Finding consoles() {
    if (service.page().isEmpty()) {
      return Finding.note(CANNOT, MENDED);
    }
    Map<String, Set<String>> open = spoken("vmlog_source_spoken_open");
    List<String> unread = new ArrayList<>();
    for (String vm : live()) {
      if (!open.getOrDefault(vm, Set.of()).contains("console")) {
        unread.add(vm);
      }
    }
    return unread.isEmpty()
        ? Finding.ok("each live VM's console is connected")
        : Finding.note(
            "no console is connected of " + some(unread) + ", and a panic is said there alone",
            "vmlog vm start "
                + unread.get(0)
                + " --print-launch qemu says how; or another launcher");
  }

  /** VMs whose console is all that comes. */
  Finding journals() {
    if (service.page().isEmpty()) {
      return Finding.note(CANNOT, MENDED);
    }
    Map<String, Set<String>> ever = spoken("vmlog_source_spoken_total");
    List<String> silent =
        live().stream()
            .filter(vm -> ever.getOrDefault(vm, Set.of()).equals(Set.of("console")))
            .toList();
    return silent.isEmpty()
        ? Finding.ok("no VM has its console alone")
        : Finding.note(
            "only the console comes from " + some(silent),
            "for the journal the guest needs systemd 256, a vsock, and the credential"
                + " journal.forward_to_socket=vsock:2:9998");
  }

  /** VMs whose kernel's lines come by the console and by another way as well. */
  Finding twice() throws IOException {
    if (service.page().isEmpty()) {
      return Finding.note(CANNOT, MENDED);
    }
    Map<String, Set<String>> ever = spoken("vmlog_source_spoken_total");
    List<String> twice = new ArrayList<>();
    LogFolder folder = LogFolder.open(config.logs().directory(), (path, cause) -> {});
    for (VmLog log : folder.logs()) {
      Set<String> ways = ever.getOrDefault(log.name().toString(), Set.of());
      if (ways.contains("console") && ways.size() > 1 && isKernelTwice(folder, log)) {
        twice.add(log.name().shown());
      }
    }
    return twice.isEmpty()
        ? Finding.ok("no kernel's lines come by two ways")
        : Finding.note(
            "the kernel's lines of %s come by the console as well".formatted(some(twice)),
            "loglevel=4 on the guest's kernel command line keeps most of them off the console");
  }

  private static boolean isKernelTwice(LogFolder folder, VmLog log) throws IOException {
    boolean kernel = false;
    boolean console = false;
    ZoneId zone = HostZone.ofLogs(folder.path()).orElse(HostZone.here());
    From last = new From.Last(LINES);
    try (History history =
        History.open(folder, List.of(log), LineFilter.ALL, last, zone, (path, cause) -> {})) {
      for (LogLine line = history.next(); line != null; line = history.next()) {
        kernel |= line.line().channel() == Channel.KERNEL;
        console |=
            line.line().channel() == Channel.CONSOLE
                && PRINTK.matcher(line.line().content()).matches();
      }
    }
    return kernel && console;
  }

  /** Who has come to a door for gRPC and speaks something else. */
  Finding foreign() {
    Optional<MetricsPage> page = service.page();
    if (page.isEmpty()) {
      return Finding.note(CANNOT, MENDED);
    }
    String seen =
        page.get().all("vmlog_connections_foreign_total").stream()
            .filter(sample -> sample.value() > 0)
            .map(
                sample ->
                    String.format(Locale.ROOT, "%s %.0f", sample.label("reason"), sample.value()))
            .collect(Collectors.joining(", "));
    return seen.isEmpty()
        ? Finding.ok("nobody has come with another than gRPC")
        : Finding.note(
            "connections to a door for gRPC that do not speak it: " + seen,
            "the forwarder's own log says whose; plain syslog is for NAME.syslog or port 9514, a"
                + " journal for NAME.journal or port 9998, a console for NAME.console; no door"
                + " speaks TLS");
  }

  private List<String> live() {
    return service.vms().stream().map(vm -> vm.get("owner") + "/" + vm.get("name")).toList();
  }

  /** What is spoken by whom, by this metric. */
  private Map<String, Set<String>> spoken(String metric) {
    Map<String, Set<String>> spoken = new TreeMap<>();
    List<Sample> samples = service.page().map(page -> page.all(metric)).orElse(List.of());
    for (Sample sample : samples) {
      if (sample.value() > 0 && sample.label("kind").equals("vm")) {
        spoken
            .computeIfAbsent(
                sample.label("owner") + "/" + sample.label("name"), vm -> new TreeSet<>())
            .add(sample.label("spoken"));
      }
    }
    return spoken;
  }

  private static String some(List<String> vms) {
    String few = vms.stream().limit(MAX_NAMED).collect(Collectors.joining(", "));
    return vms.size() > MAX_NAMED ? few + " and " + (vms.size() - MAX_NAMED) + " more" : few;
  }
}
