package org.vmlog.route;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class RateLimitTest {
  private long now = -5; // nanoTime may begin anywhere
  private final RateLimit limit = new RateLimit(new SourceLimits(100, 500, 1000), () -> now);

  @Test
  void tryTake_burstOfRecords_passesOnceAndThenAtTheSteadyRate() {
    assertThat(limit.tryTake(500, 0)).isTrue();
    assertThat(limit.tryTake(1, 0)).isFalse();
    assertThat(limit.untilPossible(1, 0)).isEqualTo(Duration.ofMillis(10));
    now += Duration.ofMillis(10).toNanos();
    assertThat(limit.tryTake(1, 0)).isTrue();
    assertThat(limit.tryTake(1, 0)).isFalse();
  }

  @Test
  void tryTake_bytes_haveABurstOfAsManySecondsAsTheRecords() {
    assertThat(limit.tryTake(1, 5000)).isTrue();
    assertThat(limit.tryTake(1, 1)).isFalse();
    assertThat(limit.untilPossible(1, 1000)).isEqualTo(Duration.ofSeconds(1));
  }

  @Test
  void tryTake_refused_takesNothing() {
    assertThat(limit.tryTake(400, 0)).isTrue();
    assertThat(limit.tryTake(101, 0)).isFalse();
    assertThat(limit.tryTake(100, 0)).isTrue();
  }

  @Test
  void tryTake_moreThanTheBucketHolds_passesWhenItIsFullAndLeavesADebt() {
    assertThat(limit.tryTake(1500, 0)).isTrue();
    assertThat(limit.untilPossible(1, 0)).isEqualTo(Duration.ofMillis(10_010));
  }

  @Test
  void tryTake_afterALongQuietTime_isNotMoreThanTheBurst() {
    assertThat(limit.tryTake(500, 0)).isTrue();
    now += Duration.ofDays(400).toNanos();
    assertThat(limit.tryTake(500, 0)).isTrue();
    assertThat(limit.tryTake(1, 0)).isFalse();
  }

  @Test
  void giveBack_afterTryTake_isAsIfNothingHadBeenTaken() {
    assertThat(limit.tryTake(500, 5000)).isTrue();
    limit.giveBack(500, 5000);
    assertThat(limit.tryTake(500, 5000)).isTrue();
  }
}
