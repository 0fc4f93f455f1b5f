package org.vmlog.bench;

import java.util.List;

/**
 * What a scenario came to; every line was found in the files.
 *
 * @param coldCpu CPU seconds of the forwarder per million records of the cold requests
 * @param idleMb resident memory when it was ready, before the first connection
 */
record Result(
    Scenario scenario,
    double coldCpu,
    List<Stretch> stretches,
    double idleMb,
    double afterMb,
    double peakMb) {

  /** A measured stretch; CPU in seconds per million records. */
  record Stretch(double cpu, double loadCpu, double recordsPerSecond, Load.Stretch acks) {}

  /** The stretch with the middle CPU time: its neighbours' noise is in the other two. */
  Stretch median() {
    return stretches.stream()
        .sorted((a, b) -> Double.compare(a.cpu(), b.cpu()))
        .toList()
        .get(stretches.size() / 2);
  }
}
