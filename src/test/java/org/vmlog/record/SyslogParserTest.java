package org.vmlog.record;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.vmlog.record.SyslogParser.Sender;
import org.vmlog.testing.Seed;

/** What is made of a message, by the table of {@code syslog.tsv}. */
class SyslogParserTest {
  private static final ZoneId NEW_YORK = ZoneId.of("America/New_York");
  private static final Instant NOW = Instant.parse("2026-11-30T20:42:30.5Z");
  private static final int COLUMNS = 6;

  private final LogEntry entry = new LogEntry();

  /** A line of the table. */
  record Row(byte[] message, int severity, Instant time, String text) {
    private static Named<Row> of(String line) {
      String[] columns = line.split("\t", -1);
      assertThat(columns).as(line).hasSize(COLUMNS);
      Instant time = columns[3].equals("now") ? NOW : Instant.parse(columns[3]);
      String text = columns[4].equals("nothing") ? "" : unescaped(columns[4]);
      byte[] message = unescaped(columns[1]).getBytes(ISO_8859_1);
      return Named.of(
          columns[0] + ": " + columns[1],
          new Row(message, Integer.parseInt(columns[2]), time, text));
    }

    private static String unescaped(String text) {
      StringBuilder out = new StringBuilder();
      for (int i = 0; i < text.length(); i++) {
        if (text.charAt(i) != '\\') {
          out.append(text.charAt(i));
          continue;
        }
        i++;
        switch (text.charAt(i)) {
          case 'n' -> out.append('\n');
          case 'r' -> out.append('\r');
          case 't' -> out.append('\t');
          case '0' -> out.append('\0');
          case 's' -> out.append(' ');
          case '\\' -> out.append('\\');
          case 'x' -> {
            out.append((char) Integer.parseInt(text, i + 1, i + 3, 16));
            i += 2;
          }
          default -> throw new IllegalArgumentException("no such escape in " + text);
        }
      }
      return out.toString();
    }
  }

  static Stream<Named<Row>> rows() throws IOException {
    try (InputStream table = SyslogParserTest.class.getResourceAsStream("/syslog.tsv")) {
      return new String(table.readAllBytes(), UTF_8)
          .lines().filter(line -> !line.startsWith("#")).map(Row::of).toList().stream();
    }
  }

  @ParameterizedTest
  @MethodSource("rows")
  void parse_ofALocalSender_isOfNow(Row row) {
    assertParsed(row, Sender.LOCAL, NOW);
  }

  @ParameterizedTest
  @MethodSource("rows")
  void parse_ofARelay_isOfTheTextsTime(Row row) {
    assertParsed(row, Sender.RELAY, row.time);
  }

  private void assertParsed(Row row, Sender sender, Instant time) {
    SyslogParser parser = new SyslogParser(sender, NEW_YORK);
    byte[] array = new byte[row.message.length + 12];
    Arrays.fill(array, (byte) '1'); // a digit before and behind, which is not the message's
    System.arraycopy(row.message, 0, array, 6, row.message.length);

    assertThat(parser.parse(array, 6, row.message.length, NOW, entry))
        .isEqualTo(!row.text.isEmpty());
    assertThat(content()).isEqualTo(row.text);
    assertThat(entry.severity()).isEqualTo(row.severity);
    assertThat(Instant.ofEpochSecond(entry.seconds(), entry.nanos())).isEqualTo(time);
  }

  @Test
  void rows_areAsManyAsTheyShouldBe() throws IOException {
    assertThat(rows()).hasSizeGreaterThanOrEqualTo(150);
  }

  @ParameterizedTest
  @CsvSource({
    // now, time without a year, the time that is meant
    "2026-01-01T00:00:10Z, Dec 31 23:59:50, 2025-12-31T22:59:50Z",
    "2025-12-31T22:00:00Z, Jan  1 00:00:10, 2025-12-31T23:00:10Z",
    "2025-12-31T23:30:00Z, Jan  1 00:30:00, 2025-12-31T23:30:00Z",
    "2025-06-05T12:00:00Z, Dec  1 00:00:00, 2025-11-30T23:00:00Z",
    "2025-06-05T12:00:00Z, Dec 10 00:00:00, 2024-12-09T23:00:00Z",
    "2024-02-29T12:00:00Z, Feb 29 13:00:00, 2024-02-29T12:00:00Z",
    "2025-03-01T12:00:00Z, Feb 29 13:00:00, 2024-02-29T12:00:00Z",
    "2026-12-01T12:00:00Z, Feb 29 13:00:00, 2028-02-29T12:00:00Z",
    "2100-03-01T12:00:00Z, Feb 29 13:00:00, 2104-02-29T12:00:00Z",
    "2100-02-01T12:00:00Z, Feb 29 13:00:00, 2096-02-29T12:00:00Z",
    // The hour that comes twice, asked in its first and in its second run; the one that never does.
    "2025-10-26T00:30:00Z, Oct 26 02:30:00, 2025-10-26T00:30:00Z",
    "2025-10-26T01:30:00Z, Oct 26 02:30:00, 2025-10-26T01:30:00Z",
    "2025-03-30T01:00:00Z, Mar 30 02:30:00, 2025-03-30T01:30:00Z",
  })
  void parse_timeWithoutYear_isTheNearestToNow(Instant now, String time, Instant meant) {
    byte[] message = ("<13>" + time + " x").getBytes(UTF_8);
    SyslogParser parser = new SyslogParser(Sender.RELAY, ZoneId.of("Europe/Berlin"));
    assertThat(parser.parse(message, 0, message.length, now, entry)).isTrue();
    assertThat(Instant.ofEpochSecond(entry.seconds())).isEqualTo(meant);
  }

  @ParameterizedTest
  @CsvSource({
    "2004-02-29T00:00:00Z,              2004-02-29T00:00:00Z",
    "1985-04-12T23:20:50.52Z,           1985-04-12T23:20:50.52Z",
    "1985-04-12T19:20:50.52-04:00,      1985-04-12T23:20:50.52Z",
    "2000-01-01T00:30:00.000001+05:30,  1999-12-31T19:00:00.000001Z",
    "0000-01-01T00:00:00Z,              0000-01-01T00:00:00Z",
    "9999-12-31T23:59:59.999999-23:59,  +10000-01-01T23:58:59.999999Z",
  })
  void parse_timeWithYear_isThatTime(String time, Instant meant) {
    byte[] message = ("<13>1 " + time + " - - - - - x").getBytes(UTF_8);
    SyslogParser parser = new SyslogParser(Sender.RELAY, NEW_YORK);
    assertThat(parser.parse(message, 0, message.length, NOW, entry)).isTrue();
    assertThat(Instant.ofEpochSecond(entry.seconds(), entry.nanos())).isEqualTo(meant);
  }

  @ParameterizedTest
  @CsvSource({"a, a", "\u00e9, \u00e9", "\u20ac, \u20ac", "\ud83d\ude00, \ud83d\ude00"})
  void markCut_withinACharacter_leavesNothingOfIt(String last, String whole) {
    byte[] character = last.getBytes(UTF_8);
    for (int kept = 0; kept <= character.length; kept++) {
      byte[] message = SyslogParser.newMessage();
      Arrays.fill(message, (byte) 'x');
      int length = SyslogParser.MAX_BYTES;
      System.arraycopy(character, 0, message, length - kept, kept);
      int end = SyslogParser.markCut(message, length);
      String expected = (kept == character.length ? whole : "") + "#[cut]";
      assertThat(new String(message, 0, end, UTF_8)).endsWith("x" + expected);
      assertThat(end).isEqualTo(length - (kept == character.length ? 0 : kept) + 6);
    }
  }

  @Test
  void parse_randomBytes_neverThrows() throws IOException {
    Random random = Seed.random("syslog message");
    Row[] rows = rows().map(Named::getPayload).toArray(Row[]::new);
    SyslogParser parser = new SyslogParser(Sender.RELAY, NEW_YORK);
    for (int i = 0; i < 200_000; i++) {
      byte[] line = rows[random.nextInt(rows.length)].message;
      byte[] mutated = line.clone();
      for (int changes = random.nextInt(4); changes > 0 && line.length > 0; changes--) {
        mutated[random.nextInt(mutated.length)] =
            random.nextBoolean() ? line[random.nextInt(line.length)] : (byte) random.nextInt(256);
      }
      int length = random.nextInt(mutated.length + 1);
      assertThat(parser.parse(mutated, 0, length, NOW, entry)).isEqualTo(entry.contentLength() > 0);
      assertThat(entry.contentLength()).isBetween(0, length + 8);
      assertThat(entry.severity()).isBetween(0, 7);
    }
  }

  private String content() {
    return new String(entry.bytes(), entry.contentOffset(), entry.contentLength(), ISO_8859_1);
  }
}
