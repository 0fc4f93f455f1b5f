package org.vmlog.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A case from its start, which includes its warming, to its end. Confined to one thread. */
final class Entrant implements AutoCloseable {
  /** It is warm when a stretch costs no less than this much of the one before. */
  private static final double STEADY = 0.9;

  private static final int MAX_WARMING = 8;

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
    warm(of.warm());
  }

  private void warm(int messages) throws IOException, InterruptedException {
    double before = Double.MAX_VALUE;
    for (int i = 0; i < MAX_WARMING; i++) {
      double cpu = running.stretch(messages).cpu();
      if (cpu > STEADY * before) {
        return;
      }
      before = cpu;
    }
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
