package org.vmlog.record;

import java.util.Random;

/** Randomness that a failed run can be repeated with. */
final class Seeds {
  private Seeds() {}

  /** Seeded by the system property {@code vmlog.seed} when that is set; says what it is. */
  static Random random(String test) {
    long seed = Long.getLong("vmlog.seed", System.nanoTime());
    System.out.println(test + ": -Dvmlog.seed=" + seed);
    return new Random(seed);
  }
}
