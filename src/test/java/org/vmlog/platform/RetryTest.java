package org.vmlog.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.vmlog.testing.Seed;

class RetryTest {
  private static final Duration FLOOR = Duration.ofMillis(500);
  private static final Duration CAP = Duration.ofSeconds(30);

  private final Random random = Seed.random("RetryTest");
  private final Retry retry = new Retry(FLOOR, CAP, random);

  @Test
  void next_againAndAgain_isTwiceAsLongUpToTheCapWithAJitter() {
    long most = 2 * FLOOR.toMillis();
    for (int i = 0; i < 20; i++) {
      assertThat(retry.next()).isBetween(Duration.ofMillis(most / 2), Duration.ofMillis(most));
      most = Math.min(2 * most, CAP.toMillis());
    }
  }

  @Test
  void next_afterSuccess_beginsAtTheFloor() {
    for (int i = 0; i < 10; i++) {
      retry.next();
    }
    retry.succeeded();
    assertThat(retry.next()).isBetween(FLOOR, FLOOR.multipliedBy(2));
  }

  @Test
  void next_pauseIsAskedFor_isThatAndUpToAQuarterMore() {
    for (int i = 0; i < 20; i++) {
      assertThat(retry.next(Duration.ofSeconds(60)))
          .isBetween(Duration.ofSeconds(60), Duration.ofSeconds(75));
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {Long.MIN_VALUE, -1, 0})
  void next_noneIsAskedForInWords_growsAsItWouldAnyway(long seconds) {
    for (int i = 0; i < 10; i++) {
      retry.next(Duration.ofSeconds(seconds));
    }
    assertThat(retry.next(Duration.ofSeconds(seconds))).isBetween(CAP.dividedBy(2), CAP);
  }

  @Test
  void next_foreverIsAskedFor_isBounded() {
    assertThat(retry.next(Duration.ofSeconds(Long.MAX_VALUE)))
        .isBetween(Retry.LONGEST_ASKED, Retry.LONGEST_ASKED.multipliedBy(5).dividedBy(4));
  }

  @Test
  void new_noFloorOrACapBelowTwice_isRefused() {
    assertThatThrownBy(() -> new Retry(Duration.ZERO, CAP, random))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Retry(CAP, CAP, random))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
