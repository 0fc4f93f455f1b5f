package org.vmlog.view.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.time.Instant;
import java.time.ZoneId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.vmlog.testing.ShellCommand;

class TimeSpecTest {
  private static final Instant NOW = Instant.parse("2026-03-29T10:00:00.25Z");

  /** On this day its clocks went from two to three, so 10:00 UTC is noon. */
  private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");

  private final TimeSpec times = new TimeSpec(NOW, BERLIN);

  @ParameterizedTest
  @CsvSource({
    "now,2026-03-29T10:00:00.250Z",
    "today,2026-03-28T23:00:00Z",
    "yesterday,2026-03-27T23:00:00Z",
    "tomorrow,2026-03-29T22:00:00Z",
    "2026-11-21 18:17:16,2026-11-21T17:17:16Z",
    "2026-11-21T18:17:16,2026-11-21T17:17:16Z",
    "2026-11-21 18:17,2026-11-21T17:17:00Z",
    "2026-11-21 18:17:16.5,2026-11-21T17:17:16.500Z",
    "2026-11-21 18:17:16.123456,2026-11-21T17:17:16.123456Z",
    "2026-1-2 3:04,2026-01-02T02:04:00Z",
    "2026-11-21,2026-11-20T23:00:00Z",
    "2026-11-21 18:17:16 UTC,2026-11-21T18:17:16Z",
    "2026-11-21T18:17:16Z,2026-11-21T18:17:16Z",
    "2026-11-21 18:17:16 +05:30,2026-11-21T12:47:16Z",
    "2026-11-21 18:17:16-0800,2026-11-22T02:17:16Z",
    "18:17,2026-03-29T16:17:00Z",
    "18:17:16,2026-03-29T16:17:16Z",
    "01:00,2026-03-29T00:00:00Z",
    "5m,2026-03-29T09:55:00.250Z",
    "5min,2026-03-29T09:55:00.250Z",
    "-5min,2026-03-29T09:55:00.250Z",
    "+5min,2026-03-29T10:05:00.250Z",
    "5 minutes ago,2026-03-29T09:55:00.250Z",
    "2 hours ago,2026-03-29T08:00:00.250Z",
    "1h30min,2026-03-29T08:30:00.250Z",
    "1h 30min 5s ago,2026-03-29T08:29:55.250Z",
    "1.5h,2026-03-29T08:30:00.250Z",
    "90,2026-03-29T09:58:30.250Z",
    "250ms,2026-03-29T10:00:00Z",
    "250000us,2026-03-29T10:00:00Z",
    "1d,2026-03-28T10:00:00.250Z",
    "2w,2026-03-15T10:00:00.250Z",
    "1M,2026-02-26T23:30:00.250Z",
    "1y,2025-03-29T04:00:00.250Z",
    "@1767323045,2026-01-02T03:04:05Z",
    "@1767323045.5,2026-01-02T03:04:05.500Z",
    "' today ',2026-03-28T23:00:00Z",
  })
  void parse_ofEachForm_isThisInstant(String typed, Instant expected) {
    assertThat(times.parse(typed)).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "soon",
        "2026-13-01",
        "2026-02-30",
        "25:00",
        "18:60",
        "2026-11-21 18",
        "2026-11-21 18:17:16 Mars",
        "2026-11-21 18:17 +99:00",
        "5x",
        "ago",
        "m5",
        "--5min",
        "@",
        "@x",
        "999999999999999y",
        "1h!",
        "+",
        "UTC"
      })
  void parse_ofWhatIsNoTime_saysWhatIsAllowed(String typed) {
    assertThatThrownBy(() -> times.parse(typed))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(
            "time \"" + typed + "\"; allowed are such as \"2026-11-21 18:17:16\"");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "2026-11-21 18:17:16",
        "2026-11-21 18:17",
        "2026-11-21",
        "2026-07-01 00:00:00.25",
        "2026-11-21 18:17:16 UTC",
        "@1767323045"
      })
  void parse_ofWhatSystemdKnows_isSystemds(String typed) throws Exception {
    assumeTrue(ShellCommand.exists("systemd-analyze"), "systemd-analyze is missing (systemd)");
    String said =
        new ShellCommand()
            .with("TZ", "Europe/Berlin")
            .run("systemd-analyze timestamp '" + typed + "' | sed -n 's/ *UNIX seconds: @//p'");
    Instant parsed = times.parse(typed);
    assertThat("%d.%06d".formatted(parsed.getEpochSecond(), parsed.getNano() / 1000))
        .startsWith(said.strip());
  }

  @Test
  void parse_ofATimeThatTheClocksLeaveOut_isAnHourLater() {
    assertThat(times.parse("02:30")).isEqualTo(Instant.parse("2026-03-29T01:30:00Z"));
  }
}
