package org.vmlog.record;

import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.Year;
import java.time.ZoneId;
import java.time.ZoneOffset;

/**
 * Finds the years that RFC 3164 leaves out. A line is no newer than its file, give or take a day
 * for a clock that is wrong: that settles the first line. After that lines go forward in time, so
 * that a file which begins in December and ends in January, or is years long, comes out right. A
 * line that steps back, as those of a guest without a clock do while it boots, gets the latest year
 * that the file allows, and the next goes on from the lines before it.
 *
 * <p>When clocks are set back, an hour comes twice: the one that does not step back is meant.
 * Confined to one thread.
 */
public final class YearRecovery {
  private static final long SLACK_SECONDS = 86_400;

  /** From one leap day to the next there may be eight years: 1896 to 1904, 2096 to 2104. */
  private static final int LEAP_DAY_REACH = 8;

  private final ZoneId zone;
  private long latest;
  private long next;
  private long reached = Long.MIN_VALUE;

  /** The day that was settled last: most lines are of the day of the line before. */
  private int settledKey;

  private long settledStart;

  private int dayKey;
  private long dayYear = Long.MIN_VALUE;
  private long dayStart;
  private boolean dayPlain;

  /**
   * For one file's lines.
   *
   * @param zone of the host that wrote them
   * @param modified the file's time
   */
  public YearRecovery(ZoneId zone, Instant modified) {
    this(zone, modified, Instant.MIN);
  }

  /**
   * For one line, when files are read backward.
   *
   * @param next the time of the line behind it; of the last, that of the file
   */
  public YearRecovery(ZoneId zone, Instant modified, Instant next) {
    this.zone = zone;
    this.latest = modified.getEpochSecond();
    this.next = next.getEpochSecond(); // of a first line it is not known yet
  }

  ZoneId zone() {
    return zone;
  }

  /** The file's time, in seconds since 1970. */
  long latest() {
    return latest;
  }

  /** The file was written to again. */
  public void modified(Instant time) {
    latest = Math.max(latest, time.getEpochSecond());
    next = Math.max(next, time.getEpochSecond());
  }

  /** The whole of a time without a year, in seconds since 1970. */
  long seconds(BsdTimestamp time) {
    if (key(time) == settledKey) {
      long same = settledStart + time.secondOfDay();
      if (same <= latest + SLACK_SECONDS && same >= reached - SLACK_SECONDS) {
        reached = Math.max(reached, same);
        return same;
      }
    }
    long found = settle(time);
    if (reached == Long.MIN_VALUE || found >= reached - SLACK_SECONDS) {
      reached = Math.max(reached, found);
    }
    settledKey = dayPlain ? key(time) : 0;
    settledStart = found - time.secondOfDay();
    return found;
  }

  private long settle(BsdTimestamp time) {
    int year = LocalDateTime.ofEpochSecond(latest + SLACK_SECONDS, 0, ZoneOffset.UTC).getYear() + 1;
    long found = at(time, year);
    for (int reach = 0; found > latest + SLACK_SECONDS && reach <= LEAP_DAY_REACH; reach++) {
      year--;
      found = at(time, year);
    }
    if (reached == Long.MIN_VALUE) {
      return found;
    }
    for (long earlier = at(time, year - 1);
        earlier >= reached - SLACK_SECONDS && earlier < found;
        earlier = at(time, year - 1)) {
      year--;
      found = earlier;
    }
    return found;
  }

  private static int key(BsdTimestamp time) {
    return time.month() * 32 + time.day();
  }

  /** In that year; of a leap day that it lacks, far in the future. */
  private long at(BsdTimestamp time, int year) {
    int key = key(time);
    if (key != dayKey || year != dayYear) {
      if (key == 2 * 32 + 29 && !Year.isLeap(year)) {
        return Long.MAX_VALUE / 2;
      }
      lookUp(LocalDate.of(year, time.month(), time.day()));
      dayKey = key;
      dayYear = year;
    }
    if (dayPlain) {
      return dayStart + time.secondOfDay();
    }
    return onADayOfChange(LocalDate.of(year, time.month(), time.day()), time.secondOfDay());
  }

  private void lookUp(LocalDate date) {
    ZoneOffset offset = zone.getRules().getOffset(date.atStartOfDay());
    dayStart = date.toEpochDay() * 86_400 - offset.getTotalSeconds();
    Instant end = Instant.ofEpochSecond(dayStart + 2 * 86_400);
    Instant start = Instant.ofEpochSecond(dayStart - 86_400);
    dayPlain =
        zone.getRules().isFixedOffset()
            || (zone.getRules().nextTransition(start) == null
                || zone.getRules().nextTransition(start).getInstant().isAfter(end));
  }

  private long onADayOfChange(LocalDate date, int secondOfDay) {
    LocalDateTime local = LocalDateTime.of(date, LocalTime.ofSecondOfDay(secondOfDay));
    long first = local.atZone(zone).toEpochSecond();
    long second = local.atZone(zone).withLaterOffsetAtOverlap().toEpochSecond();
    if (second == first || second - first >= SLACK_SECONDS) {
      return first;
    }
    if (reached == Long.MIN_VALUE) {
      // Of a line by itself, the last that was there before what is known to come later.
      return second <= next && next - second < second - first ? second : first;
    }
    return first < reached ? second : first;
  }
}
