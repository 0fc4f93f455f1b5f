package org.vmlog.bench;

import static org.vmlog.bench.Case.Software.RSYSLOG;
import static org.vmlog.bench.Case.Software.SYSLOG_NG;
import static org.vmlog.bench.Case.Software.VMLOG;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.vmlog.bench.Load.Kind;

/**
 * The forwarder, in several ways to use it, and other log servers, side by side: each is started
 * and warmed in turn, and then each has its stretch in every round, so that what else the machine
 * does meets all of them alike. Confined to one thread.
 */
final class Comparison {
  private static final Case RSYSLOG_TCP =
      new Case("rsyslog imptcp, 16 hosts", RSYSLOG, Kind.LINES, 40, 16, 1, 2_000, 10_000, 20_000);
  private static final Case SYSLOG_NG_TCP =
      new Case(
          "syslog-ng network, 16 hosts", SYSLOG_NG, Kind.LINES, 40, 16, 1, 2_000, 5_000, 10_000);
  private static final Case UNARY_16 =
      new Case("unary 40, 16 VMs", VMLOG, Kind.REQUESTS, 40, 16, 1, 10_000, 25_000, 25_000);
  private static final Case STREAM_16 =
      new Case("stream 40, 16 VMs", VMLOG, Kind.BATCHES, 40, 16, 1, 10_000, 40_000, 40_000);
  private static final Case UNARY_1 =
      new Case("unary 1, 8 VMs", VMLOG, Kind.REQUESTS, 1, 8, 1, 10_000, 60_000, 60_000);
  private static final Case UNARY_40 =
      new Case("unary 40, 8 VMs", VMLOG, Kind.REQUESTS, 40, 8, 1, 10_000, 25_000, 25_000);
  private static final Case UNARY_1000 =
      new Case("unary 1000, 8 VMs", VMLOG, Kind.REQUESTS, 1000, 8, 1, 1_000, 1_500, 1_500);
  private static final Case STREAM_40 =
      new Case("stream 40, 8 VMs", VMLOG, Kind.BATCHES, 40, 8, 1, 10_000, 40_000, 40_000);
  private static final Case RSYSLOG_DATAGRAMS =
      new Case("rsyslog imuxsock", RSYSLOG, Kind.DATAGRAMS, 1, 1, 1, 10_000, 100_000, 200_000);
  private static final Case DATAGRAMS =
      new Case("datagrams", VMLOG, Kind.DATAGRAMS, 1, 1, 1, 10_000, 200_000, 300_000);

  private static final List<Case> ALL =
      List.of(
          RSYSLOG_TCP,
          SYSLOG_NG_TCP,
          UNARY_16,
          STREAM_16,
          UNARY_1,
          UNARY_40,
          UNARY_1000,
          STREAM_40,
          RSYSLOG_DATAGRAMS,
          DATAGRAMS);

  /** In which compilers come to rest and the JVM gives memory back. */
  private static final int REST_SECONDS = 12;

  private final VmlogServer.Program vmlog;
  private final Path folder;
  private final int rounds;
  private final boolean quick;
  private final Map<Case, Series> series = new LinkedHashMap<>();

  Comparison(VmlogServer.Program vmlog, Path folder, int rounds, boolean quick) {
    this.vmlog = vmlog;
    this.folder = folder;
    this.rounds = rounds;
    this.quick = quick;
  }

  /** Runs the cases whose names begin so. */
  void run(String prefix) throws IOException, InterruptedException {
    Map<Case, Entrant> entrants = new LinkedHashMap<>();
    try {
      for (Case each : ALL) {
        if (each.name().startsWith(prefix) && each.software().isThere()) {
          Path own = folder.resolve(each.name().replace(' ', '-'));
          entrants.put(each, new Entrant(quick ? each.quick() : each, vmlog, own));
        }
      }
      for (int round = 0; round < rounds; round++) {
        for (Entrant entrant : entrants.values()) {
          entrant.measure();
        }
      }
      TimeUnit.SECONDS.sleep(quick ? 0 : REST_SECONDS);
      for (Map.Entry<Case, Entrant> entrant : entrants.entrySet()) {
        series.put(entrant.getKey(), entrant.getValue().series());
      }
    } finally {
      for (Entrant entrant : entrants.values()) {
        entrant.close();
      }
    }
  }

  /** Whether there was a case to run. */
  boolean hasRun() {
    return !series.isEmpty();
  }

  Table table() {
    Table table =
        new Table(
            "case",
            "records/s",
            "CPU s/M",
            "cold",
            "load",
            "p50 µs",
            "p99 µs",
            "idle MB",
            "after",
            "peak");
    series.values().forEach(each -> table.row(cells(each)));
    return table;
  }

  private static String[] cells(Series each) {
    boolean acknowledged = each.ackP50Micros().median() > 0;
    return new String[] {
      each.of().name(),
      each.recordsPerSecond().format(0),
      each.cpu().format(2),
      "%.1f".formatted(each.coldCpu()),
      "%.2f".formatted(each.loadCpu().median()),
      acknowledged ? each.ackP50Micros().format(0) : "-",
      acknowledged ? each.ackP99Micros().format(0) : "-",
      "%.0f".formatted(each.idleMb()),
      "%.0f".formatted(each.afterMb()),
      "%.0f".formatted(each.peakMb())
    };
  }

  /** Those of the figures that there are. */
  List<Target> targets() {
    List<Target> targets = new ArrayList<>();
    cpu(targets, UNARY_1, 20, 25);
    cpu(targets, UNARY_40, 1.17, 1.5);
    cpu(targets, UNARY_1000, 0.40, 0.50);
    cpu(targets, STREAM_40, 0.40, 0.50);
    against(targets, UNARY_16, 2, 1 / 3.0);
    against(targets, STREAM_16, 4, 1 / 5.0);
    ratios(targets, DATAGRAMS, List.of(RSYSLOG_DATAGRAMS), 2, 1 / 3.0);
    for (Case each : List.of(UNARY_1, UNARY_40)) {
      find(each)
          .ifPresent(
              found ->
                  targets.add(
                      Target.atMost(
                          each.name() + ": first 10 000 requests, of a warm one's CPU",
                          found.coldCpu() / found.cpu().median(),
                          3)));
    }
    find(UNARY_40)
        .ifPresent(found -> targets.add(Target.atMost("MB after load", found.afterMb(), 64, 96)));
    return targets;
  }

  private void cpu(List<Target> targets, Case of, double target, double floor) {
    find(of)
        .ifPresent(
            found ->
                targets.add(
                    Target.atMost(of.name() + ": CPU s/M", found.cpu().median(), target, floor)));
  }

  private void against(List<Target> targets, Case ours, double faster, double thriftier) {
    ratios(targets, ours, List.of(RSYSLOG_TCP, SYSLOG_NG_TCP), faster, thriftier);
  }

  private void ratios(
      List<Target> targets, Case ours, List<Case> peers, double faster, double thriftier) {
    List<Series> theirs = peers.stream().flatMap(peer -> find(peer).stream()).toList();
    if (theirs.isEmpty() || find(ours).isEmpty()) {
      return;
    }
    Series found = find(ours).get();
    double rate =
        theirs.stream().mapToDouble(s -> s.recordsPerSecond().median()).max().getAsDouble();
    double cpu = theirs.stream().mapToDouble(s -> s.cpu().median()).min().getAsDouble();
    targets.add(
        Target.atLeast(
            ours.name() + ": records/s, of the faster peer's",
            found.recordsPerSecond().median() / rate,
            faster));
    targets.add(
        Target.atMost(
            ours.name() + ": CPU, of the thriftier peer's", found.cpu().median() / cpu, thriftier));
  }

  private Optional<Series> find(Case of) {
    return Optional.ofNullable(series.get(of));
  }
}
