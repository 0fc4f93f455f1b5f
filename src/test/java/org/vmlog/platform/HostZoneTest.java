package org.vmlog.platform;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.zone.ZoneRules;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.vmlog.testing.Seed;
import org.vmlog.testing.ShellCommand;

/** Held against what the C library makes of the same rule. */
class HostZoneTest {
  private static final DateTimeFormatter SHAPE =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss", Locale.ROOT);

  @ParameterizedTest
  @ValueSource(
      strings = {
        "EST5EDT,M3.2.0,M11.1.0",
        "EST5EDT4,M3.2.0/2,M11.1.0/2:00:00",
        "CET-1CEST,M3.5.0,M10.5.0/3",
        "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0", // Lord Howe: half an hour, and over New Year
        "IST-1GMT0,M10.5.0,M3.5.0/1", // Ireland: summer time is the standard
        "<-02>2<-01>,M3.5.0/-1,M10.5.0/0", // Greenland: begins on the day before
        "XXX3YYY,J60/0,J300/24",
        "XXX-2YYY,59,299/12:34:56"
      })
  void rules_atAnyTime_areTheCLibrarys(String tz) throws Exception {
    ZoneRules rules = HostZone.rules(tz).orElseThrow();
    List<Long> times = times(rules);

    List<String> ours =
        times.stream()
            .map(Instant::ofEpochSecond)
            .map(time -> LocalDateTime.ofInstant(time, rules.getOffset(time)).format(SHAPE))
            .toList();

    assertThat(ours).isEqualTo(theirs(tz, times));
  }

  @Test
  void rules_ofWhatJavaKnows_areLeftToIt() {
    assertThat(List.of("", "UTC", "Europe/Berlin", "EST5EDT", "MSK-3", "<+0330>-3:30", "nonsense"))
        .allSatisfy(tz -> assertThat(HostZone.rules(tz)).isEmpty());
  }

  @Test
  void rules_withoutSense_areNone() {
    assertThat(
            List.of("EST5EDT5", "EST25EDT,M3.2.0,M11.1.0", "EST5EDT,M3.2", "EST5EDT,M3.6.0,M1.1.0"))
        .allSatisfy(tz -> assertThat(HostZone.rules(tz)).isEmpty());
  }

  /** About each change of some years, and any. */
  private static List<Long> times(ZoneRules rules) {
    Random random = Seed.random("HostZoneTest");
    List<Long> times = new ArrayList<>();
    long end = LocalDateTime.of(2100, 1, 1, 0, 0).toEpochSecond(ZoneOffset.UTC);
    for (int i = 0; i < 200; i++) {
      times.add((long) (random.nextDouble() * end));
    }
    rules.getTransitions().stream()
        .filter(change -> change.getInstant().getEpochSecond() < end)
        .filter(change -> change.getDateTimeBefore().getYear() % 7 == 0)
        .forEach(
            change -> times.addAll(List.of(change.toEpochSecond() - 1, change.toEpochSecond())));
    return times;
  }

  private static List<String> theirs(String tz, List<Long> times) throws Exception {
    String asked = times.stream().map(time -> "@" + time).collect(Collectors.joining("\n"));
    return new ShellCommand()
        .with("TZ", tz)
        .run("date -f - '+%Y-%m-%d %H:%M:%S' <<END\n" + asked + "\nEND")
        .lines()
        .toList();
  }
}
