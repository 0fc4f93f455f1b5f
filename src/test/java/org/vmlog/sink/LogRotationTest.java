package org.vmlog.sink;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class LogRotationTest {
  private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

  private Instant wall = NOW;
  private Duration monotonic = Duration.ofSeconds(-1);
  private long maxSize = 1000;
  private final LogRotation rotation =
      new LogRotation(Duration.ofDays(1), () -> maxSize, () -> wall, () -> monotonic.toNanos());

  @Test
  void due_writeUpToTheLimit_isNot() {
    rotation.opened(NOW);

    assertThat(rotation.due(900, 100)).isFalse();
    assertThat(rotation.due(900, 101)).isTrue();
  }

  @Test
  void due_emptyFile_isNeverHoweverLargeTheWriteOrOldTheFile() {
    rotation.opened(NOW.minus(Duration.ofDays(400)));

    assertThat(rotation.due(0, 1_000_000)).isFalse();
  }

  @Test
  void due_limitBecomesSmaller_followsIt() {
    rotation.opened(NOW);
    maxSize = 500;

    assertThat(rotation.due(450, 51)).isTrue();
  }

  @Test
  void due_openForMaxAge_isOnceAndNotAgainAfterRotation() {
    rotation.opened(NOW);
    pass(Duration.ofDays(1).minusNanos(1));
    assertThat(rotation.due(1, 1)).isFalse();
    pass(Duration.ofNanos(1));
    assertThat(rotation.due(1, 1)).isTrue();
    rotation.rotated();

    assertThat(rotation.due(1, 1)).isFalse();
    pass(Duration.ofDays(1));
    assertThat(rotation.due(1, 1)).isTrue();
  }

  @Test
  void due_fileBegunBeforeTheStart_countsThatTimeToo() {
    rotation.opened(NOW.minus(Duration.ofHours(23)));

    assertThat(rotation.due(1, 1)).isFalse();
    pass(Duration.ofHours(1));
    assertThat(rotation.due(1, 1)).isTrue();
  }

  @Test
  void due_wallClockJumpsWhileOpen_changesNothing() {
    rotation.opened(NOW);
    for (int days : new int[] {365, -730, 365}) {
      wall = wall.plus(Duration.ofDays(days));
      assertThat(rotation.due(1, 1)).as("after %s days", days).isFalse();
    }
  }

  @Test
  void due_fileOfTheFuture_isRotatedAfterMaxAgeAtLast() {
    rotation.opened(NOW.plus(Duration.ofDays(365)));

    assertThat(rotation.due(1, 1)).isFalse();
    pass(Duration.ofDays(1));
    assertThat(rotation.due(1, 1)).isTrue();
  }

  @Test
  void due_fileOfLastYear_isRotatedOnce() {
    rotation.opened(NOW.minus(Duration.ofDays(365)));

    assertThat(rotation.due(1, 1)).isTrue();
    rotation.rotated();
    assertThat(rotation.due(1, 1)).isFalse();
  }

  @Test
  void due_afterFailures_waitsTwiceAsLongEachTimeUpToAMinute() {
    rotation.opened(NOW);
    for (int seconds : new int[] {1, 2, 4, 8, 16, 32, 60, 60}) {
      assertThat(rotation.due(900, 200)).isTrue();
      rotation.failed();
      assertThat(rotation.due(900, 200)).isFalse();
      pass(Duration.ofSeconds(seconds).minusNanos(1));
      assertThat(rotation.due(900, 200)).as("before %s s", seconds).isFalse();
      pass(Duration.ofNanos(1));
    }
    rotation.rotated();
    rotation.failed();
    pass(Duration.ofSeconds(1));
    assertThat(rotation.due(900, 200)).isTrue();
  }

  private void pass(Duration time) {
    monotonic = monotonic.plus(time);
    wall = wall.plus(time);
  }
}
