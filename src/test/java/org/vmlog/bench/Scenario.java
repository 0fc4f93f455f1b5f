package org.vmlog.bench;

import java.util.List;

/**
 * One row of the table.
 *
 * @param recordsPerRequest 0 for datagrams, each of which is one record
 * @param cold requests sent first, measured apart: the JVM still interprets and compiles
 * @param warm requests sent then and not measured
 * @param measured requests of each stretch that is measured
 * @param restSeconds after the load, in which compilers come to rest and the JVM gives memory back
 * @param targetCpu CPU seconds of the forwarder per million records that we want to stay under
 * @param originalCpu the same of ChromeOS's forwarder in C++, measured on another occasion
 */
record Scenario(
    String name,
    int recordsPerRequest,
    int cold,
    int warm,
    int measured,
    int restSeconds,
    String targetCpu,
    String originalCpu) {

  static final List<Scenario> ALL =
      List.of(
          new Scenario("1 record a request", 1, 10_000, 120_000, 60_000, 12, "20", "60"),
          new Scenario("40 records a request", 40, 10_000, 40_000, 20_000, 12, "1.17", "4.7"),
          new Scenario("1000 records a request", 1000, 1000, 3000, 1000, 12, "0.40", "2.65"),
          new Scenario("datagrams", 0, 10_000, 300_000, 500_000, 12, "-", "-"));

  /**
   * A fifth of the load and no rest: good enough to see whether something broke, not to compare
   * figures.
   */
  Scenario quick() {
    return new Scenario(
        name, recordsPerRequest, cold, warm / 5, measured / 5, 0, targetCpu, originalCpu);
  }

  boolean isDatagrams() {
    return recordsPerRequest == 0;
  }

  long records(long requests) {
    return requests * Math.max(1, recordsPerRequest);
  }
}
