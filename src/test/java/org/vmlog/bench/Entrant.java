package org.vmlog.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A case from its start, which includes its warming, to its end. Confined to one thread. */
final class Entrant implements AutoCloseable {
  private final Running running;
  private final double idleMb;
  private final double coldCpu;
  private final List<Running.Measured> rounds = new ArrayList<>();

  Entrant(Case of, VmlogServer.Program vmlog, Path folder)
      throws IOException, InterruptedException {
    System.err.println("starting and warming: " + of.name());
    running = Running.start(of, vmlog, folder);
    idleMb = running.facts().residentMb();
    coldCpu = running.stretch(of.cold()).cpu();
    running.stretch(of.warm());
  }

  /** One more round. */
  void measure() throws IOException, InterruptedException {
    rounds.add(running.stretch(running.of().measured()));
  }

  /** What it has come to so far. */
  Series series() throws IOException {
    return new Series(
        running.of(),
        coldCpu,
        rounds,
        idleMb,
        running.facts().residentMb(),
        running.facts().peakResidentMb());
  }

  @Override
  public void close() throws IOException {
    running.close();
  }
}
