package org.vmlog.view.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.vmlog.testing.Seed;
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
    "Mar 28 18:17:16,2026-03-28T17:17:16Z",
    "Nov 21 18:17:16,2025-11-21T17:17:16Z",
    "Mar  1 18:17:16,2026-03-01T17:17:16Z",
    "Feb 29 12:00:00,2024-02-29T11:00:00Z",
    "2026-11-21T18:17:16+00:00,2026-11-21T18:17:16Z",
    "2026-11-21T18:17:16.123456+01:00,2026-11-21T17:17:16.123456Z",
    "Sat 2026-11-21 18:17:16,2026-11-21T17:17:16Z",
    "Saturday 2026-11-21,2026-11-20T23:00:00Z",
    "26-11-21 18:17,2026-11-21T17:17:00Z",
    "2026-11-21 18:17:60,2026-11-21T17:18:00Z",
    "2026-11-21 18:17:16 Asia/Tokyo,2026-11-21T09:17:16Z",
    "2026-11-21 18:17:16 CET,2026-11-21T17:17:16Z",
    "2026-07-21 18:17:16 CEST,2026-07-21T16:17:16Z",
    "today UTC,2026-03-29T00:00:00Z",
    "yesterday Asia/Tokyo,2026-03-27T15:00:00Z",
    "18:17 UTC,2026-03-29T18:17:00Z",
    "1h left,2026-03-29T11:00:00.250Z",
    ".5h,2026-03-29T09:30:00.250Z",
    "0.95y,2025-04-16T10:18:00.250Z",
    "250000 \u03bcs,2026-03-29T10:00:00Z",
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
        "Sun 2026-11-21",
        "Satan 2026-11-21",
        "Nov 31 12:00",
        "2026-11-21 18:17:61",
        "1.h",
        "1H",
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

  /** Whatever systemd-analyze takes, with the same meaning, from the forms of systemd.time(7). */
  @Test
  void parse_ofWhatSystemdKnows_isSystemds() throws Exception {
    assumeTrue(ShellCommand.exists("systemd-analyze"), "systemd-analyze is missing (systemd)");
    Random random = Seed.random("parse_ofWhatSystemdKnows_isSystemds");
    String[] days = {"2026-11-21", "26-11-21", "2026-7-1", "1999-12-31", "Nov 21", "2024-02-29"};
    String[] weekdays = {"", "", "Sat ", "Saturday ", "sun ", "Thu "};
    String[] times = {"", " 18:17", " 18:17:16", " 3:04", " 00:00:00.25", " 18:17:60", " 24:00"};
    String[] zones = {"", "", " UTC", " CET", " CEST", " Europe/Berlin", " Asia/Tokyo", " Mars"};
    List<String> typed = new ArrayList<>(List.of("@1767323045", "@1767323045.5"));
    for (int i = 0; i < 200; i++) {
      typed.add(
          weekdays[random.nextInt(weekdays.length)]
              + days[random.nextInt(days.length)]
              + times[random.nextInt(times.length)]
              + zones[random.nextInt(zones.length)]);
    }
    TimeSpec ofNow = new TimeSpec(Instant.now(), BERLIN);
    int taken = 0;
    List<String> answers = systemd("timestamp", "s/ *UNIX seconds: @//p", typed);
    for (int i = 0; i < typed.size(); i++) {
      String text = typed.get(i);
      String said = answers.get(i);
      if (!said.isBlank()) {
        taken++;
        Instant parsed = ofNow.parse(text);
        assertThat(parsed.getEpochSecond() + "." + parsed.getNano() / 1000)
            .as(text)
            .startsWith(said.strip().replaceAll("0+$", "").replaceAll("[.]$", ""));
      }
    }
    assertThat(taken).isGreaterThan(8);
  }

  /** All units, together and with fractions. */
  @Test
  void parse_ofSpansThatSystemdKnows_isSystemds() throws Exception {
    assumeTrue(ShellCommand.exists("systemd-analyze"), "systemd-analyze is missing (systemd)");
    String[] units = {
      "us", "usec", "\u00b5s", "\u03bcs", "ms", "msec", "s", "sec", "second", "seconds", "m", "min",
      "minute", "minutes", "h", "hr", "hour", "hours", "d", "day", "days", "w", "week", "weeks",
      "M", "month", "months", "y", "year", "years"
    };
    List<String> typed = new ArrayList<>();
    for (String unit : units) {
      for (String form : new String[] {"1h 3%s", ".95 %s"}) {
        typed.add(form.replace("%s", unit));
      }
    }
    List<String> answers = systemd("timespan", "s/^ *[^ ]*s: //p", typed);
    for (int i = 0; i < typed.size(); i++) {
      assertThat(Duration.between(times.parse(typed.get(i)), NOW).toNanos() / 1000)
          .as(typed.get(i))
          .isEqualTo(Long.parseLong(answers.get(i)));
    }
  }

  /** What systemd-analyze answers to each; empty where it takes it for nothing. */
  private static List<String> systemd(String verb, String sed, List<String> typed)
      throws Exception {
    String said =
        new ShellCommand()
            .with("TZ", "Europe/Berlin")
            .with("LC_ALL", "C.UTF-8")
            .with("TYPED", String.join("\n", typed))
            .run(
                "printf '%s\\n' \"$TYPED\" | while IFS= read -r typed; do echo \"=$(systemd-analyze "
                    + verb
                    + " \"$typed\" 2>/dev/null | sed -n '"
                    + sed
                    + "')\"; done");
    List<String> answers = said.lines().map(line -> line.substring(1).strip()).toList();
    assertThat(answers).hasSameSizeAs(typed);
    return answers;
  }

  @Test
  void parse_ofATimeThatTheClocksLeaveOut_isAnHourLater() {
    assertThat(times.parse("02:30")).isEqualTo(Instant.parse("2026-03-29T01:30:00Z"));
  }
}
