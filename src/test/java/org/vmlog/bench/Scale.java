package org.vmlog.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.DoubleSummaryStatistics;
import java.util.List;

/**
 * What a record costs, and the memory, with few VMs and many, and with a connection each and
 * several: requests of 40 records, one in flight on each connection. Confined to one thread.
 */
final class Scale {
  private static final List<Integer> VMS = List.of(1, 10, 100, 1000);
  private static final List<Integer> MORE_CONNECTIONS = List.of(2, 4, 8);
  private static final int VMS_WITH_CONNECTIONS = 10;

  private final VmlogServer.Program vmlog;
  private final Path folder;
  private final int rounds;
  private final boolean quick;
  private final Table table =
      new Table("40 a request", "records/s", "CPU s/M", "load", "idle MB", "after", "peak");
  private final List<Target> targets = new ArrayList<>();

  Scale(VmlogServer.Program vmlog, Path folder, int rounds, boolean quick) {
    this.vmlog = vmlog;
    this.folder = folder;
    this.rounds = rounds;
    this.quick = quick;
  }

  void run() throws IOException, InterruptedException {
    DoubleSummaryStatistics ofVms = new DoubleSummaryStatistics();
    DoubleSummaryStatistics ofConnections = new DoubleSummaryStatistics();
    for (int vms : VMS) {
      Series series = measure(vms, 1);
      ofVms.accept(series.cpu().median());
      if (vms == VMS_WITH_CONNECTIONS) {
        ofConnections.accept(series.cpu().median());
      }
      if (vms == 1000) {
        targets.add(Target.atMost("1000 VMs logging: MB", series.peakMb(), 128));
      }
    }
    targets.add(
        Target.atMost(
            "1 to 1000 VMs: largest CPU of the smallest", ofVms.getMax() / ofVms.getMin(), 1.5));
    for (int connections : MORE_CONNECTIONS) {
      ofConnections.accept(measure(VMS_WITH_CONNECTIONS, connections).cpu().median());
    }
    targets.add(
        Target.atMost(
            "1 to 8 connections a VM: largest CPU of the smallest",
            ofConnections.getMax() / ofConnections.getMin(),
            1.5));
  }

  private Series measure(int vms, int connections) throws IOException, InterruptedException {
    String name = "%d VMs, %d connections each".formatted(vms, connections);
    Case size =
        new Case(
            name,
            Case.Software.VMLOG,
            Load.Kind.REQUESTS,
            40,
            vms,
            connections,
            2_000,
            10_000,
            10_000);
    Path own = folder.resolve("scale-%d-%d".formatted(vms, connections));
    try (Entrant entrant = new Entrant(quick ? size.quick() : size, vmlog, own)) {
      for (int round = 0; round < rounds; round++) {
        entrant.measure();
      }
      Series series = entrant.series();
      table.row(
          name,
          series.recordsPerSecond().format(0),
          series.cpu().format(2),
          "%.2f".formatted(series.loadCpu().median()),
          "%.0f".formatted(series.idleMb()),
          "%.0f".formatted(series.afterMb()),
          "%.0f".formatted(series.peakMb()));
      return series;
    }
  }

  Table table() {
    return table;
  }

  List<Target> targets() {
    return targets;
  }
}
