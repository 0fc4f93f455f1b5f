package org.vmlog.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.DoubleSummaryStatistics;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a record costs, and the memory, with few VMs and many, and with a connection each and
 * several: requests of 40 records, one in flight on each connection. Confined to one thread.
 */
final class Scale {
  private static final int STRETCH = 10_000;

  /** So many of each, or what is measured is how a connection begins. */
  private static final int PER_CONNECTION = 40;

  private static final Case OF_10 = size(10, 1);
  private static final Case OF_1000 = size(1000, 1);
  private static final List<Case> VMS = List.of(size(1, 1), OF_10, size(100, 1), OF_1000);
  private static final List<Case> CONNECTIONS =
      List.of(OF_10, size(10, 2), size(10, 4), size(10, 8));

  private final VmlogServer.Program vmlog;
  private final Path folder;
  private final int rounds;
  private final boolean quick;
  private final Map<Case, Series> measured = new LinkedHashMap<>();

  Scale(VmlogServer.Program vmlog, Path folder, int rounds, boolean quick) {
    this.vmlog = vmlog;
    this.folder = folder;
    this.rounds = rounds;
    this.quick = quick;
  }

  private static Case size(int vms, int connections) {
    String name = "%d VMs, %d connections each".formatted(vms, connections);
    int stretch = Math.max(STRETCH, PER_CONNECTION * vms * connections);
    return new Case(
        name,
        Case.Software.VMLOG,
        Load.Kind.REQUESTS,
        40,
        vms,
        connections,
        2_000,
        stretch,
        stretch);
  }

  /** Runs all sizes, one after the other, or those whose names begin so. */
  void run(String only) throws IOException, InterruptedException {
    List<Case> sizes = new ArrayList<>(VMS);
    sizes.addAll(CONNECTIONS.subList(1, CONNECTIONS.size()));
    for (Case size : sizes) {
      if ("scale".startsWith(only) || size.name().startsWith(only)) {
        measured.put(size, measure(size));
      }
    }
  }

  private Series measure(Case size) throws IOException, InterruptedException {
    Path own = folder.resolve(size.name().replaceAll("[^0-9]+", "-"));
    try (Entrant entrant = new Entrant(quick ? size.quick() : size, vmlog, own)) {
      for (int round = 0; round < rounds; round++) {
        entrant.measure();
      }
      return entrant.series();
    }
  }

  /** Whether there was a size to run. */
  boolean hasRun() {
    return !measured.isEmpty();
  }

  Table table() {
    Table table =
        new Table("40 a request", "records/s", "CPU s/M", "load", "idle MB", "after", "peak");
    measured.forEach(
        (size, series) ->
            table.row(
                size.name(),
                series.recordsPerSecond().format(0),
                series.cpu().format(2),
                "%.2f".formatted(series.loadCpu().median()),
                "%.0f".formatted(series.idleMb()),
                "%.0f".formatted(series.afterMb()),
                "%.0f".formatted(series.peakMb())));
    return table;
  }

  /** Those of the figures that there are. */
  List<Target> targets() {
    List<Target> targets = new ArrayList<>();
    if (measured.containsKey(OF_1000)) {
      targets.add(Target.atMost("1000 VMs logging: MB", measured.get(OF_1000).peakMb(), 128));
    }
    flat(targets, "1 to 1000 VMs: largest CPU of the smallest", VMS);
    flat(targets, "1 to 8 connections a VM: largest CPU of the smallest", CONNECTIONS);
    return targets;
  }

  private void flat(List<Target> targets, String what, List<Case> sizes) {
    if (measured.keySet().containsAll(sizes)) {
      DoubleSummaryStatistics cpu =
          sizes.stream().mapToDouble(size -> measured.get(size).cpu().median()).summaryStatistics();
      targets.add(Target.atMost(what, cpu.getMax() / cpu.getMin(), 1.5));
    }
  }
}
