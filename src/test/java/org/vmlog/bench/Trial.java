package org.vmlog.bench;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.vmlog.testing.ForwarderProcess;
import org.vmlog.testing.ProcessFacts;
import org.vmlog.testing.TestHost;

/**
 * Runs one scenario: a fresh forwarder, a fresh load, an empty folder. Confined to one thread.
 *
 * <p>Rotation, quotas and rate limits are off, for the lines are counted at the end, and so is
 * D-Bus: the VMs stand in the configuration.
 */
final class Trial {
  private static final int VMS = 8;
  private static final int STRETCHES = 3;

  private static final long WRITTEN_PATIENCE_SECONDS = 30;

  private final Scenario scenario;
  private final Path folder;
  private long requests;

  Trial(Scenario scenario, Path folder) {
    this.scenario = scenario;
    this.folder = folder;
  }

  Result run(Path program) throws IOException, InterruptedException {
    Path config = host().config();
    try (ForwarderProcess forwarder = ForwarderProcess.startInstalled(program, config)) {
      ProcessFacts facts = new ProcessFacts(forwarder.pid());
      double idleMb = facts.residentMb();
      try (LoadProcess load =
          LoadProcess.start(scenario.kind(), scenario.recordsAtOnce(), sockets())) {
        double coldCpu = stretch(facts, load, scenario.cold()).cpu();
        stretch(facts, load, scenario.warm());
        List<Result.Stretch> stretches = new ArrayList<>();
        for (int i = 0; i < STRETCHES; i++) {
          stretches.add(stretch(facts, load, scenario.measured()));
        }
        checkLines();
        TimeUnit.SECONDS.sleep(scenario.restSeconds());
        double afterMb = facts.residentMb();
        return new Result(scenario, coldCpu, stretches, idleMb, afterMb, facts.peakResidentMb());
      }
    }
  }

  private TestHost host() throws IOException {
    TestHost host =
        new TestHost(folder)
            .with(
                """
                [logs.rotation]
                max_size = "1024GiB"
                [logs.quota]
                per_vm = "1024GiB"
                total = "65536GiB"
                [limits]
                records_per_second = 100000000
                burst = 100000000
                bytes_per_second = "1024GiB"
                """);
    for (int i = 0; i < VMS; i++) {
      host.withVm("bench", "vm" + i);
    }
    return host;
  }

  private List<Path> sockets() {
    String suffix = scenario.kind() == Load.Kind.DATAGRAMS ? ".lsock" : ".grpc";
    return Stream.iterate(0, i -> i + 1)
        .limit(VMS)
        .map(i -> folder.resolve("run/vm/bench/vm" + i + suffix))
        .toList();
  }

  private Result.Stretch stretch(ProcessFacts forwarder, LoadProcess load, int count)
      throws IOException {
    double cpu = forwarder.cpuSeconds();
    double loadCpu = load.facts().cpuSeconds();
    Load.Stretch acks = load.run(count);
    requests += count;
    double millions = scenario.records(count) / 1e6;
    return new Result.Stretch(
        (forwarder.cpuSeconds() - cpu) / millions,
        (load.facts().cpuSeconds() - loadCpu) / millions,
        scenario.records(count) / (acks.nanos() / 1e9),
        acks);
  }

  /** What was acknowledged stands in the files; a datagram comes there soon. */
  private void checkLines() throws IOException {
    long expected = scenario.records(requests);
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(WRITTEN_PATIENCE_SECONDS);
    long found = lines();
    while (scenario.kind() == Load.Kind.DATAGRAMS
        && found < expected
        && System.nanoTime() < deadline) {
      found = lines();
    }
    if (found != expected) {
      throw new IOException(
          "%s: %d records were sent, %d lines are in the files of %s"
              .formatted(scenario.name(), expected, found, folder.resolve("logs")));
    }
  }

  private long lines() throws IOException {
    long lines = 0;
    byte[] buffer = new byte[1 << 16];
    try (Stream<Path> files = Files.walk(folder.resolve("logs"))) {
      for (Path file : files.filter(file -> file.toString().endsWith(".log")).toList()) {
        try (InputStream in = Files.newInputStream(file)) {
          for (int length = in.read(buffer); length >= 0; length = in.read(buffer)) {
            for (int i = 0; i < length; i++) {
              lines += buffer[i] == '\n' ? 1 : 0;
            }
          }
        }
      }
    }
    return lines;
  }
}
