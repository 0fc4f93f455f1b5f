package org.vmlog.record;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.vmlog.testing.Seed;

/** One instance for many times, as in the daemon; what it keeps of one is no other's. */
class BsdTimestampTest {
  private static final List<ZoneId> ZONES =
      Stream.of("UTC", "Europe/Berlin", "America/St_Johns", "Pacific/Apia", "Australia/Lord_Howe")
          .map(ZoneId::of)
          .toList();
  private static final DateTimeFormatter FORMAT =
      DateTimeFormatter.ofPattern("MMM d HH:mm:ss", Locale.ROOT);
  private static final long YEAR = 31_556_952;

  private final BsdTimestamp stamp = new BsdTimestamp(ZoneOffset.UTC);

  @Test
  void parse_sameTextInAnotherYear_isAnotherTime() {
    assertThat(parse("Jun  5 12:00:00", "2025-06-05T12:00:01Z")).isEqualTo("2025-06-05T12:00:00Z");
    assertThat(parse("Jun  5 12:00:00", "2025-06-05T12:00:01Z")).isEqualTo("2025-06-05T12:00:00Z");
    assertThat(parse("Jun  5 12:00:00", "2026-06-05T12:00:01Z")).isEqualTo("2026-06-05T12:00:00Z");
    assertThat(parse("Jun  5 12:00:00", "2025-06-05T12:00:01Z")).isEqualTo("2025-06-05T12:00:00Z");
  }

  @Test
  void parse_otherFieldsAtTheSameNow_areAnotherTime() {
    String now = "2025-06-05T12:00:00Z";
    assertThat(parse("May  6 03:04:05", now)).isEqualTo("2025-05-06T03:04:05Z");
    assertThat(parse("May  6 03:04:06", now)).isEqualTo("2025-05-06T03:04:06Z");
    assertThat(parse("May  6 03:05:06", now)).isEqualTo("2025-05-06T03:05:06Z");
    assertThat(parse("May  6 04:05:06", now)).isEqualTo("2025-05-06T04:05:06Z");
    assertThat(parse("May  7 04:05:06", now)).isEqualTo("2025-05-07T04:05:06Z");
    assertThat(parse("Jul  7 04:05:06", now)).isEqualTo("2025-07-07T04:05:06Z");
  }

  @Test
  void parse_otherTimesLookedAtBetween_areNotTakenForIt() {
    String now = "2025-06-05T12:00:00Z";
    assertThat(parse("May  6 03:04:05", now)).isEqualTo("2025-05-06T03:04:05Z");
    byte[] other = "Apr  7 08:09:10".getBytes(UTF_8);
    byte[] none = "Mar 99 08:09:10".getBytes(UTF_8);
    assertThat(stamp.parseFields(other, 0, other.length)).isEqualTo(other.length);
    assertThat(stamp.parse(none, 0, none.length)).isZero();
    assertThat(parse("Apr  7 08:09:10", now)).isEqualTo("2025-04-07T08:09:10Z");
    assertThat(parse("May  6 03:04:05", now)).isEqualTo("2025-05-06T03:04:05Z");
  }

  /** Of few values each, so that one or all of them come again and again. */
  @Test
  void parse_randomTimesAndNows_areWhatTheCalendarSays() {
    Random random = Seed.random("BSD timestamp");
    for (int round = 0; round < 400; round++) {
      ZoneId zone = ZONES.get(random.nextInt(ZONES.size()));
      BsdTimestamp kept = new BsdTimestamp(zone);
      long base = random.nextLong(0, 150 * YEAR);
      long[] nows = {base, base + 1, base + random.nextLong(-YEAR, YEAR), base + 4 * YEAR};
      int[] months = {1 + random.nextInt(12), 1 + random.nextInt(12), 2};
      int[] days = {1 + random.nextInt(28), 1 + random.nextInt(28), 29};
      int[] clocks = {random.nextInt(86_400), random.nextInt(86_400), 2 * 3600 + 1800};
      for (int i = 0; i < 50; i++) {
        long now = nows[random.nextInt(nows.length)];
        // 2000 has every day.
        LocalDateTime fields =
            LocalDateTime.of(2000, months[random.nextInt(3)], days[random.nextInt(3)], 0, 0)
                .plusSeconds(clocks[random.nextInt(3)]);
        byte[] text = FORMAT.format(fields).getBytes(UTF_8);
        if (random.nextInt(4) == 0) {
          assertThat(kept.parseFields(text, 0, text.length)).isEqualTo(text.length);
          continue;
        }
        assertThat(kept.parse(text, 0, text.length)).isEqualTo(text.length);
        assertThat(kept.seconds(now))
            .as("%s in %s at %s", new String(text, UTF_8), zone, Instant.ofEpochSecond(now))
            .isEqualTo(nearest(fields, zone, Instant.ofEpochSecond(now)));
      }
    }
  }

  private static long nearest(LocalDateTime fields, ZoneId zone, Instant now) {
    ZonedDateTime here = now.atZone(zone);
    return IntStream.rangeClosed(here.getYear() - 8, here.getYear() + 8)
        .boxed()
        .flatMap(year -> in(year, fields))
        .map(local -> ZonedDateTime.ofLocal(local, zone, here.getOffset()).toEpochSecond())
        .min(Comparator.comparingLong(seconds -> Math.abs(seconds - now.getEpochSecond())))
        .orElseThrow();
  }

  private static Stream<LocalDateTime> in(int year, LocalDateTime fields) {
    try {
      return Stream.of(
          LocalDateTime.of(
              year,
              fields.getMonthValue(),
              fields.getDayOfMonth(),
              fields.getHour(),
              fields.getMinute(),
              fields.getSecond()));
    } catch (DateTimeException e) {
      return Stream.empty(); // no leap day
    }
  }

  private Instant parse(String text, String now) {
    byte[] bytes = text.getBytes(UTF_8);
    assertThat(stamp.parse(bytes, 0, bytes.length)).isEqualTo(bytes.length);
    return Instant.ofEpochSecond(stamp.seconds(Instant.parse(now).getEpochSecond()));
  }
}
