package org.vmlog.doctor;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.vmlog.scrape.MetricsPage;
import org.vmlog.scrape.Sample;

/** Whether all that guests send gets where it belongs. Confined to one thread. */
final class GuestChecks {
  private static final int MAX_NAMED = 3;

  private final ServiceChecks service;

  GuestChecks(ServiceChecks service) {
    this.service = service;
  }

  /** Guests that log under CIDs which nobody has announced. */
  Finding unknown() {
    Optional<Map<String, Object>> counters = service.counters();
    if (counters.isEmpty()) {
      return Finding.note("cannot be told without an answer on the bus", "mend that first");
    }
    List<Object> known = service.vms().stream().map(vm -> vm.getOrDefault("cid", 0L)).toList();
    List<?> all = (List<?>) counters.get().getOrDefault("unknown_cids", List.of());
    List<?> cids = all.stream().filter(cid -> !known.contains(cid)).toList();
    if (cids.isEmpty()) {
      return Finding.ok("none has logged");
    }
    String few =
        cids.stream().limit(MAX_NAMED).map(String::valueOf).collect(Collectors.joining(", "));
    return Finding.wrong(
        "%s guest%s with a CID that nobody announced (%s%s), to the local syslog alone"
            .formatted(
                cids.size(),
                cids.size() == 1 ? " logs" : "s log",
                few,
                cids.size() > MAX_NAMED ? ", ..." : ""),
        "vmlog vm start OWNER/NAME --cid=%s, or a [[vm]] in the configuration"
            .formatted(cids.get(0)));
  }

  /** What was dropped since the forwarder started, of whom the most first. */
  Finding losses() {
    Optional<MetricsPage> page = service.page();
    if (page.isEmpty()) {
      return Finding.note("cannot be told without an answer", "mend that first");
    }
    Map<String, Double> lost = new TreeMap<>();
    for (Sample sample : page.get().all("vmlog_source_records_dropped_total")) {
      if (sample.value() > 0) {
        String owner = sample.label("owner");
        String name = (owner.isEmpty() ? "" : owner + "/") + sample.label("name");
        lost.merge(name, sample.value(), Double::sum);
      }
    }
    if (lost.isEmpty()) {
      return Finding.ok("none since the forwarder started");
    }
    String most =
        lost.entrySet().stream()
            .sorted(Map.Entry.<String, Double>comparingByValue().reversed())
            .limit(MAX_NAMED)
            .map(one -> String.format(Locale.ROOT, "%s %.0f", one.getKey(), one.getValue()))
            .collect(Collectors.joining(", "));
    return Finding.note(
        "since the forwarder started: " + most + (lost.size() > MAX_NAMED ? ", ..." : ""),
        "vmlog top -s dropped says why, and whether it goes on");
  }
}
