package org.vmlog.testing;

import java.util.Random;

/** Randomness that a failed run can be repeated with. */
public final class Seed {
  private Seed() {}

  /** Seeded by the system property {@code vmlog.seed} when that is set; says what it is. */
  public static Random random(String test) {
    long seed = Long.getLong("vmlog.seed", System.nanoTime());
    System.out.println(test + ": -Dvmlog.seed=" + seed);
    return new Random(seed);
  }
}
