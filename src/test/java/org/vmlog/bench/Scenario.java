package org.vmlog.bench;

import java.util.List;
import org.vmlog.bench.Load.Kind;

/**
 * One row of the table.
 *
 * @param recordsAtOnce in each request, batch or datagram
 * @param cold requests sent first, measured apart: the JVM still interprets and compiles
 * @param warm requests sent then and not measured
 * @param measured requests of each stretch that is measured
 * @param restSeconds after the load, in which compilers come to rest and the JVM gives memory back
 * @param targetCpu CPU seconds of the forwarder per million records that we want to stay under
 * @param originalCpu the same of ChromeOS's forwarder in C++, measured on another occasion
 */
record Scenario(
    String name,
    Load.Kind kind,
    int recordsAtOnce,
    int cold,
    int warm,
    int measured,
    int restSeconds,
    String targetCpu,
    String originalCpu) {

  private static final int REST_SECONDS = 12;

  static final List<Scenario> ALL =
      List.of(
          requests("1 record a request", 1, 10_000, 120_000, 60_000, "20", "60"),
          requests("40 records a request", 40, 10_000, 40_000, 20_000, "1.17", "4.7"),
          requests("1000 records a request", 1000, 1000, 3000, 1000, "0.40", "2.65"),
          of("40 records a batch", Kind.BATCHES, 40, 10_000, 120_000, 60_000, "0.40", "-"),
          of("datagrams", Kind.DATAGRAMS, 1, 10_000, 300_000, 500_000, "-", "-"));

  private static Scenario requests(
      String name, int records, int cold, int warm, int measured, String target, String original) {
    return of(name, Kind.REQUESTS, records, cold, warm, measured, target, original);
  }

  private static Scenario of(
      String name,
      Kind kind,
      int records,
      int cold,
      int warm,
      int measured,
      String target,
      String original) {
    return new Scenario(name, kind, records, cold, warm, measured, REST_SECONDS, target, original);
  }

  /**
   * A fifth of the load and no rest: good enough to see whether something broke, not to compare
   * figures.
   */
  Scenario quick() {
    return new Scenario(
        name, kind, recordsAtOnce, cold, warm / 5, measured / 5, 0, targetCpu, originalCpu);
  }

  long records(long requests) {
    return requests * recordsAtOnce;
  }
}
