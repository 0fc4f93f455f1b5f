package org.vmlog.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.vmlog.testing.LogFiles;

/**
 * How long a guest waits for its acknowledgement at half of the load that the forwarder can take:
 * as it is, with files that are rotated and compressed all the time, and with many VMs. Confined to
 * one thread.
 */
final class Latency {
  private static final int RECORDS = 40;
  private static final int WARM = 30_000;
  private static final int SATURATED = 10_000;
  private static final int SECONDS = 2;
  private static final double P50_MILLIS = 0.5;

  /** About a second of one VM's load. */
  static final String ROTATED =
      "[logs.rotation]\nmax_size = \"8MiB\"\nkeep = 1000\ncompress = true\n";

  private final VmlogServer.Program vmlog;
  private final Path folder;
  private final int rounds;
  private final boolean quick;
  private final Table table =
      new Table("40 a request, at half load", "records/s", "p50 ms", "p99 ms");
  private final List<Target> targets = new ArrayList<>();

  Latency(VmlogServer.Program vmlog, Path folder, int rounds, boolean quick) {
    this.vmlog = vmlog;
    this.folder = folder;
    this.rounds = rounds;
    this.quick = quick;
  }

  void run() throws IOException {
    Measured plain = measure("8 VMs", 8, "");
    targets.add(Target.atMost("8 VMs at half load: ack p50, ms", plain.p50().median(), P50_MILLIS));
    targets.add(Target.atMost("8 VMs at half load: ack p99, ms", plain.p99().median(), 2));
    Measured rotated = measure("8 VMs, rotation and compression", 8, ROTATED);
    targets.add(
        Target.atMost("with rotation and compression: ack p99, ms", rotated.p99().median(), 5));
    Measured many = measure("500 VMs", quick ? 50 : 500, "");
    targets.add(Target.atMost("500 VMs: ack p99, ms", many.p99().median(), 10));
  }

  /** From sending a request, or when it was due, to its acknowledgement; in ms. */
  record Measured(Spread p50, Spread p99) {}

  Measured measure(String name, int vms, String config) throws IOException {
    Path own = Files.createDirectory(folder.resolve("latency-" + targets.size()));
    System.err.println("latency: " + name);
    int fraction = quick ? 50 : 1;
    try (VmlogServer server = VmlogServer.start(vmlog, own, vms, config);
        LoadProcess load =
            LoadProcess.start(Load.Kind.REQUESTS, RECORDS, server.endpoints(Load.Kind.REQUESTS))) {
      load.run(WARM / fraction);
      int requests = SATURATED / fraction;
      int perSecond = (int) (requests / (load.run(requests).nanos() / 1e9) / 2);
      long sent = WARM / fraction + requests;
      List<Load.Stretch> stretches = new ArrayList<>();
      for (int round = 0; round < rounds; round++) {
        int paced = Math.max(1, perSecond * SECONDS / fraction);
        stretches.add(load.run(paced, perSecond));
        sent += paced;
      }
      checkLines(server, vms, sent * RECORDS);
      Spread p50 = Spread.of(stretches.stream().mapToDouble(each -> each.ackP50Nanos() / 1e6));
      Spread p99 = Spread.of(stretches.stream().mapToDouble(each -> each.ackP99Nanos() / 1e6));
      table.row(name, Integer.toString(perSecond * RECORDS), p50.format(2), p99.format(2));
      return new Measured(p50, p99);
    }
  }

  private static void checkLines(Server server, int vms, long expected) throws IOException {
    long[] lines = new long[1];
    for (int vm = 0; vm < vms; vm++) {
      LogFiles.forEachLine(server.log(vm), line -> lines[0]++);
    }
    if (lines[0] != expected) {
      throw new IOException(
          "%d records were acknowledged, %d lines are in the files like %s"
              .formatted(expected, lines[0], server.log(0)));
    }
  }

  Table table() {
    return table;
  }

  List<Target> targets() {
    return targets;
  }
}
