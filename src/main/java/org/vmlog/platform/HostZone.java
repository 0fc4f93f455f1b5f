package org.vmlog.platform;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.DayOfWeek;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.temporal.TemporalAdjusters;
import java.time.zone.ZoneOffsetTransition;
import java.time.zone.ZoneRules;
import java.time.zone.ZoneRulesException;
import java.time.zone.ZoneRulesProvider;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The time zone of this process, as the C library takes it from {@code $TZ}. Java knows the names
 * of zones; of a rule such as {@code EST5EDT,M3.2.0,M11.1.0} it takes the offset alone, and summer
 * time is missing. POSIX.1-2017, section 8.3; tzset(3) for what glibc adds. Thread-safe.
 */
public final class HostZone {
  /** The name of the note in the folder with the logs. */
  public static final String NOTE = ".zone";

  private static final String ID = "Host/TZ";

  private static final String NAME = "(?:[A-Za-z]{3,}|<[A-Za-z0-9+-]{3,}>)";
  private static final String TIME = "([+-]?\\d{1,3}(?::\\d{1,2}(?::\\d{1,2})?)?)";
  private static final String DATE = "(M\\d{1,2}\\.[1-5]\\.[0-6]|J\\d{1,3}|\\d{1,3})";

  private static final Pattern RULE =
      Pattern.compile(
          NAME + TIME + NAME + TIME + "?(?:," + DATE + "(?:/" + TIME + ")?," + DATE + "(?:/" + TIME
              + ")?)?");

  /** Where a rule does not say when summer time is: the dates of the United States, as in glibc. */
  private static final String DEFAULT_START = "M3.2.0";

  private static final String DEFAULT_END = "M11.1.0";

  /** Outside these years it is always standard time. */
  private static final int FIRST_YEAR = 1970;

  private static final int LAST_YEAR = 2199;

  private static final ZoneId HERE = of(System.getenv("TZ"));

  private HostZone() {}

  /** That of this process. */
  public static ZoneId here() {
    return HERE;
  }

  /** What the forwarder notes beside the logs: the zone of the times in them. */
  public static String note() {
    return HERE.getId().equals(ID) ? System.getenv("TZ") : HERE.getId();
  }

  /**
   * The zone of the times in a folder's logs.
   *
   * @return empty if no forwarder has noted it, or the note cannot be read or understood
   */
  public static Optional<ZoneId> ofLogs(Path folder) {
    try {
      String noted = Files.readString(folder.resolve(NOTE), US_ASCII).strip();
      return Optional.of(noted.equals(System.getenv("TZ")) ? HERE : ZoneId.of(noted));
    } catch (IOException | DateTimeException e) {
      return Optional.empty();
    }
  }

  /** The zone that a rule of POSIX's names, and else the one that Java has found. */
  @SuppressWarnings("InvalidZoneId") // it is registered just before
  private static ZoneId of(@Nullable String tz) {
    Optional<ZoneRules> rules = Optional.ofNullable(tz).flatMap(HostZone::rules);
    if (rules.isEmpty()) {
      return ZoneId.systemDefault();
    }
    ZoneRulesProvider.registerProvider(new OneZone(rules.get()));
    return ZoneId.of(ID);
  }

  /** Of a rule that has summer time; empty for all else, which Java knows. */
  static Optional<ZoneRules> rules(String tz) {
    Matcher rule = RULE.matcher(tz.startsWith(":") ? tz.substring(1) : tz);
    if (!rule.matches() || ZoneId.getAvailableZoneIds().contains(tz)) {
      return Optional.empty();
    }
    // West of Greenwich is positive there.
    int standard = -seconds(rule.group(1), 0);
    int summer = rule.group(2) == null ? standard + 3600 : -seconds(rule.group(2), 0);
    boolean dates = rule.group(3) != null;
    String start = dates ? rule.group(3) : DEFAULT_START;
    String end = dates ? rule.group(5) : DEFAULT_END;
    int startSeconds = seconds(rule.group(4), 7200);
    int endSeconds = seconds(rule.group(6), 7200);
    if (standard == summer || Math.max(Math.abs(standard), Math.abs(summer)) > 18 * 3600) {
      return Optional.empty();
    }
    ZoneOffset winterOffset = ZoneOffset.ofTotalSeconds(standard);
    ZoneOffset summerOffset = ZoneOffset.ofTotalSeconds(summer);
    List<ZoneOffsetTransition> transitions = new ArrayList<>();
    for (int year = FIRST_YEAR; year <= LAST_YEAR; year++) {
      LocalDateTime begins = date(start, year).atStartOfDay().plusSeconds(startSeconds);
      LocalDateTime ends = date(end, year).atStartOfDay().plusSeconds(endSeconds);
      transitions.add(ZoneOffsetTransition.of(begins, winterOffset, summerOffset));
      transitions.add(ZoneOffsetTransition.of(ends, summerOffset, winterOffset));
    }
    transitions.sort(Comparator.comparing(ZoneOffsetTransition::getInstant));
    ZoneOffset first = transitions.get(0).getOffsetBefore();
    return Optional.of(ZoneRules.of(winterOffset, first, List.of(), transitions, List.of()));
  }

  /** {@code [+-]hh[:mm[:ss]]} in seconds. */
  private static int seconds(@Nullable String time, int otherwise) {
    if (time == null) {
      return otherwise;
    }
    int seconds = 0;
    int unit = 3600;
    for (String part : time.replaceFirst("^[+-]", "").split(":", -1)) {
      seconds += Integer.parseInt(part) * unit;
      unit /= 60;
    }
    return time.startsWith("-") ? -seconds : seconds;
  }

  private static LocalDate date(String rule, int year) {
    LocalDate newYear = LocalDate.of(year, 1, 1);
    if (rule.startsWith("J")) { // 1 to 365; February 29 is never counted
      int day = Integer.parseInt(rule.substring(1));
      return newYear.plusDays(day - 1 + (newYear.isLeapYear() && day >= 60 ? 1 : 0));
    } else if (!rule.startsWith("M")) {
      return newYear.plusDays(Integer.parseInt(rule)); // 0 to 365
    }
    String[] parts =
        rule.substring(1).split("\\.", -1); // month, week, day of the week; 5 is the last
    int week = Integer.parseInt(parts[1]);
    DayOfWeek day = DayOfWeek.SUNDAY.plus(Integer.parseInt(parts[2]));
    LocalDate month = LocalDate.of(year, Integer.parseInt(parts[0]), 1);
    return week == 5
        ? month.with(TemporalAdjusters.lastInMonth(day))
        : month.with(TemporalAdjusters.dayOfWeekInMonth(week, day));
  }

  /** How Java is told of a zone that is in no database. */
  private static final class OneZone extends ZoneRulesProvider {
    private final ZoneRules rules;

    OneZone(ZoneRules rules) {
      this.rules = rules;
    }

    @Override
    protected Set<String> provideZoneIds() {
      return Set.of(ID);
    }

    @Override
    protected ZoneRules provideRules(String zoneId, boolean forCaching) {
      if (!zoneId.equals(ID)) {
        throw new ZoneRulesException("no such zone: " + zoneId);
      }
      return rules;
    }

    @Override
    protected NavigableMap<String, ZoneRules> provideVersions(String zoneId) {
      return new TreeMap<>(Map.of("TZ", provideRules(zoneId, false)));
    }
  }
}
