package org.vmlog.record;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.vmlog.fuzz.Corpus;
import org.vmlog.fuzz.FuzzInput;

/** The parser against a regular expression, and its time against every year in reach. */
public class SyslogLineParserFuzzTest {
  private static final int MUTANTS = 200_000;

  private static final Pattern PRIORITY = Pattern.compile("<([0-9]{1,3})>");
  private static final List<String> MONTHS =
      List.of("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec");
  private static final Pattern TIME =
      Pattern.compile(
          "(%s)  ?([0-9]{1,2}) ([0-9]{2}):([0-9]{2}):([0-9]{2})"
              .formatted(String.join("|", MONTHS)));

  @Test
  void parse_anyBytes_asTheExpressionSays() throws Exception {
    Corpus.of(getClass()).check(SyslogLineParserFuzzTest::fuzzerTestOneInput, MUTANTS);
  }

  public static void fuzzerTestOneInput(byte[] bytes) {
    FuzzInput input = new FuzzInput(bytes);
    ZoneId zone = ZoneId.of(input.oneOf("UTC", "Europe/Berlin", "Australia/Lord_Howe"));
    Instant now = Instant.ofEpochSecond(Integer.toUnsignedLong(input.nextInt()), 5);
    byte[] datagram = input.rest();
    byte[] array = new byte[datagram.length + 12];
    Arrays.fill(array, (byte) '1'); // a digit before and behind, which is not the datagram's
    System.arraycopy(datagram, 0, array, 6, datagram.length);

    LogEntry entry = new LogEntry();
    boolean any =
        new SyslogLineParser(zone, InstantSource.fixed(now))
            .parse(array, 6, datagram.length, entry);

    String line = new String(datagram, ISO_8859_1);
    Matcher priority = PRIORITY.matcher(line);
    boolean prioritised = priority.lookingAt() && Integer.parseInt(priority.group(1)) <= 191;
    assertThat(entry.severity())
        .isEqualTo(prioritised ? Integer.parseInt(priority.group(1)) % 8 : 5);
    int content = prioritised ? priority.end() : 0;
    Matcher time = TIME.matcher(line).region(content, line.length());
    Optional<Instant> said = time.lookingAt() ? nearest(time, zone, now) : Optional.empty();
    content = said.isPresent() ? time.end() : content;
    assertThat(Instant.ofEpochSecond(entry.seconds(), entry.nanos())).isEqualTo(said.orElse(now));
    assertThat(entry.bytes()).isSameAs(array);
    assertThat(entry.contentOffset()).isEqualTo(6 + content);
    assertThat(entry.contentLength()).isEqualTo(datagram.length - content);
    assertThat(any).isEqualTo(content < datagram.length);
  }

  /** Empty when there is no such time in any year. */
  private static Optional<Instant> nearest(Matcher time, ZoneId zone, Instant now) {
    ZoneOffset offset = zone.getRules().getOffset(now);
    int thisYear = now.atZone(zone).getYear();
    Instant nearest = null;
    for (int year = thisYear - 8; year <= thisYear + 8; year++) {
      try {
        LocalDateTime local =
            LocalDateTime.of(
                year,
                1 + MONTHS.indexOf(time.group(1)),
                Integer.parseInt(time.group(2)),
                Integer.parseInt(time.group(3)),
                Integer.parseInt(time.group(4)),
                Integer.parseInt(time.group(5)));
        Instant candidate = ZonedDateTime.ofLocal(local, zone, offset).toInstant();
        if (nearest == null || distance(candidate, now) < distance(nearest, now)) {
          nearest = candidate;
        }
      } catch (DateTimeException e) {
        // Not in this year: 29 February. Or never: 31 June.
      }
    }
    return Optional.ofNullable(nearest);
  }

  private static long distance(Instant a, Instant b) {
    return Math.abs(a.getEpochSecond() - b.getEpochSecond());
  }
}
