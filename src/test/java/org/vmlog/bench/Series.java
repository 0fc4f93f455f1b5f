package org.vmlog.bench;

import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * What a case came to over all rounds.
 *
 * @param coldCpu CPU seconds of the server per million records of the first messages
 * @param idleMb resident memory when it was ready, before the first message
 * @param afterMb some seconds after the last
 */
record Series(
    Case of,
    double coldCpu,
    List<Running.Measured> rounds,
    double idleMb,
    double afterMb,
    double peakMb) {

  /** Of the server, in seconds per million records. */
  Spread cpu() {
    return spread(Running.Measured::cpu);
  }

  Spread recordsPerSecond() {
    return spread(Running.Measured::recordsPerSecond);
  }

  Spread loadCpu() {
    return spread(Running.Measured::loadCpu);
  }

  Spread ackP50Micros() {
    return spread(round -> round.acks().ackP50Nanos() / 1e3);
  }

  Spread ackP99Micros() {
    return spread(round -> round.acks().ackP99Nanos() / 1e3);
  }

  private Spread spread(ToDoubleFunction<Running.Measured> figure) {
    return Spread.of(rounds.stream().mapToDouble(figure));
  }
}
