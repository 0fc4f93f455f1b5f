package org.vmlog.record;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.vmlog.fuzz.Corpus;
import org.vmlog.fuzz.FuzzInput;
import org.vmlog.record.SyslogParser.Sender;

/** The parser against regular expressions, and its times against every year in reach. */
public class SyslogParserFuzzTest {
  private static final int MUTANTS = 200_000;

  private static final Pattern PRIORITY = Pattern.compile("<([0-9]{1,3})>");
  private static final List<String> MONTHS =
      List.of("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec");
  private static final String CLOCK = "([0-9]{2}):([0-9]{2}):([0-9]{2})(?:[.,]([0-9]+))?";
  private static final Pattern BSD =
      Pattern.compile(
          "(%s)  ?([0-9]{1,2}) (?:([0-9]{4}) )?%s".formatted(String.join("|", MONTHS), CLOCK));
  private static final Pattern ISO =
      Pattern.compile(
          "([0-9]{4})-([0-9]{2})-([0-9]{2})T"
              + CLOCK
              + "(?:[Zz]|([+-])([0-9]{2})(?::?([0-9]{2}))?)");
  private static final String WORD_OR_NOTHING = "[\\x21-\\x7e\\x80-\\xff]*";
  private static final Pattern TAG =
      Pattern.compile(
          "(?=[^:\\[]*[A-Za-z\\x80-\\xff])[\\x21-\\x7e\\x80-\\xff&&[^:\\[]]++"
              + "(?::(?= |\\z)|\\[[\\x21-\\x7e\\x80-\\xff&&[^\\]]]*+\\]:)");
  private static final Pattern HOST = Pattern.compile("[A-Za-z0-9._:-]++(?<!:) +");
  private static final Pattern RFC5424 =
      Pattern.compile(
          "1 (-|[0-9]{4}-[0-9]{2}-[0-9]{2}T[\\x21-\\x7e\\x80-\\xff]*) (W) (W) (W) (W)(?: (.*))?"
              .replace("W", WORD_OR_NOTHING),
          Pattern.DOTALL);
  private static final Pattern DATA =
      Pattern.compile(
          "(-|(?:\\[(?:[^\"\\]]|\"(?:[^\"\\\\]|\\\\.)*+\")*+\\])++)(?: (.*))?", Pattern.DOTALL);

  @Test
  void parse_anyBytes_asTheExpressionsSay() throws Exception {
    Corpus.of(getClass()).check(SyslogParserFuzzTest::fuzzerTestOneInput, MUTANTS);
  }

  public static void fuzzerTestOneInput(byte[] bytes) {
    FuzzInput input = new FuzzInput(bytes);
    Sender sender = input.oneOf(Sender.values());
    ZoneId zone = ZoneId.of(input.oneOf("UTC", "Europe/Berlin", "Australia/Lord_Howe"));
    Instant now = Instant.ofEpochSecond(Integer.toUnsignedLong(input.nextInt()), 5);
    byte[] message = input.rest();
    byte[] array = new byte[message.length + 12];
    Arrays.fill(array, (byte) '1'); // a digit before and behind, which is not the message's
    System.arraycopy(message, 0, array, 6, message.length);
    byte[] before = array.clone();

    LogEntry entry = new LogEntry();
    boolean any = new SyslogParser(sender, zone).parse(array, 6, message.length, now, entry);

    Expected expected = new Expected(new String(message, ISO_8859_1), zone, now);
    assertThat(new String(entry.bytes(), entry.contentOffset(), entry.contentLength(), ISO_8859_1))
        .isEqualTo(expected.text);
    assertThat(entry.severity()).isEqualTo(expected.severity);
    Instant time = sender == Sender.RELAY && expected.time != null ? expected.time : now;
    assertThat(Instant.ofEpochSecond(entry.seconds(), entry.nanos())).isEqualTo(time);
    assertThat(any).isEqualTo(!expected.text.isEmpty());
    assertThat(array).isEqualTo(before);
  }

  private static final class Expected {
    private final ZoneId zone;
    private final Instant now;
    private final int severity;
    private final String text;
    private @Nullable Instant time;

    Expected(String message, ZoneId zone, Instant now) {
      this.zone = zone;
      this.now = now;
      String line = message.replaceAll("[\\x00\\n\\r]+\\z", "");
      Matcher priority = PRIORITY.matcher(line);
      if (priority.lookingAt() && Integer.parseInt(priority.group(1)) <= 191) {
        severity = Integer.parseInt(priority.group(1)) % 8;
        text = behindPriority(line.substring(priority.end()));
      } else {
        severity = 5;
        text = line;
      }
    }

    private String behindPriority(String line) {
      Matcher rfc5424 = RFC5424.matcher(line);
      if (rfc5424.matches()) {
        String rest = rfc5424.group(6) == null ? "" : rfc5424.group(6);
        Matcher data = DATA.matcher(rest);
        boolean structured = data.matches();
        boolean timed = !rfc5424.group(1).equals("-");
        boolean filled = IntStream.rangeClosed(2, 5).noneMatch(i -> rfc5424.group(i).isEmpty());
        if (Stream.of(timed, structured, filled).filter(any -> any).count() >= 2) {
          Matcher iso = ISO.matcher(rfc5424.group(1));
          time = iso.matches() ? of(iso) : null;
          String message = structured ? data.group(2) : rest;
          return tag(rfc5424)
              + part(rfc5424.group(5))
              + part(structured ? data.group(1) : "-")
              + withoutMark(message == null ? "" : message);
        }
      }
      String header = line.replaceFirst("^ +", "");
      for (Pattern pattern : List.of(BSD, ISO)) {
        Matcher found = pattern.matcher(header);
        Instant said = found.lookingAt() ? of(found) : null;
        if (said != null) {
          String behind = header.substring(found.end());
          if (behind.matches("(?s):? +[^ ].*")) {
            time = said;
            return behindTime(behind.replaceFirst("^:", ""));
          }
        }
      }
      return line;
    }

    private static String behindTime(String text) {
      String words = text.replaceFirst("^ +", "");
      if (TAG.matcher(words).lookingAt()) {
        return " " + words;
      }
      Matcher host = HOST.matcher(words);
      return host.lookingAt() && TAG.matcher(words.substring(host.end())).lookingAt()
          ? " " + words.substring(host.end())
          : text;
    }

    private static String tag(Matcher rfc5424) {
      String app = rfc5424.group(3);
      String process = rfc5424.group(4);
      if (isAbsent(process)) {
        return isAbsent(app) ? "" : " " + app + ":";
      }
      return " " + app + "[" + process + "]:";
    }

    private static String part(String field) {
      return isAbsent(field) ? "" : " " + field;
    }

    private static boolean isAbsent(String field) {
      return field.isEmpty() || field.equals("-");
    }

    private static String withoutMark(String text) {
      String message = text.startsWith("\u00EF\u00BB\u00BF") ? text.substring(3) : text;
      return message.isEmpty() ? "" : " " + message;
    }

    /** Null when there is no such time in any year. */
    private @Nullable Instant of(Matcher matcher) {
      try {
        return matcher.pattern() == ISO ? iso(matcher) : bsd(matcher);
      } catch (DateTimeException e) {
        return null;
      }
    }

    private static Instant iso(Matcher iso) {
      int second = Integer.parseInt(iso.group(6));
      LocalDateTime local =
          LocalDateTime.of(
              Integer.parseInt(iso.group(1)),
              Integer.parseInt(iso.group(2)),
              Integer.parseInt(iso.group(3)),
              Integer.parseInt(iso.group(4)),
              Integer.parseInt(iso.group(5)),
              second == 60 ? 59 : second,
              nanos(iso.group(7)));
      int hours = iso.group(9) == null ? 0 : Integer.parseInt(iso.group(9));
      int minutes = iso.group(10) == null ? 0 : Integer.parseInt(iso.group(10));
      if (hours > 23 || minutes > 59) {
        throw new DateTimeException("no such zone");
      }
      long offset = ("-".equals(iso.group(8)) ? -60L : 60L) * (60 * hours + minutes);
      return local.toInstant(ZoneOffset.UTC).plusSeconds((second == 60 ? 1 : 0) - offset);
    }

    private @Nullable Instant bsd(Matcher bsd) {
      int year = bsd.group(3) == null ? -1 : Integer.parseInt(bsd.group(3));
      if (year >= 0) {
        return year == 0 ? null : inYear(bsd, year);
      }
      int thisYear = now.atZone(zone).getYear();
      Instant nearest = null;
      for (int candidate = thisYear - 8; candidate <= thisYear + 8; candidate++) {
        try {
          Instant time = inYear(bsd, candidate);
          if (nearest == null || distance(time) < distance(nearest)) {
            nearest = time;
          }
        } catch (DateTimeException e) {
          // Not in this year: 29 February. Or never: 31 June.
        }
      }
      return nearest;
    }

    private Instant inYear(Matcher bsd, int year) {
      LocalDateTime local =
          LocalDateTime.of(
              year,
              1 + MONTHS.indexOf(bsd.group(1)),
              Integer.parseInt(bsd.group(2)),
              Integer.parseInt(bsd.group(4)),
              Integer.parseInt(bsd.group(5)),
              Integer.parseInt(bsd.group(6)),
              nanos(bsd.group(7)));
      return ZonedDateTime.ofLocal(local, zone, zone.getRules().getOffset(now)).toInstant();
    }

    private long distance(Instant time) {
      return Math.abs(time.getEpochSecond() - now.getEpochSecond());
    }

    private static int nanos(@Nullable String fraction) {
      return fraction == null ? 0 : Integer.parseInt((fraction + "000000000").substring(0, 9));
    }
  }
}
