package org.vmlog.record;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.InstantSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class KmsgParserTest {
  private static final Instant NOW = Instant.parse("2025-06-05T12:00:00Z");
  private static final long UPTIME_NANOS = 100_000_000_000L;

  private final KmsgParser parser = new KmsgParser(InstantSource.fixed(NOW), () -> UPTIME_NANOS);
  private final LogEntry entry = new LogEntry();

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '|',
      value = {
        // the kernel's own examples, Documentation/ABI/testing/dev-kmsg
        "|7,160,424069,-;pci_root PNP0A03:00: host bridge [io 0x0000]|, 0, 7, 160,"
            + " 2025-06-05T11:58:20.424069Z, |pci_root PNP0A03:00: host bridge [io 0x0000]|",
        "|6,339,5140900,-;NET: Registered protocol family 10|,          0, 6, 339,"
            + " 2025-06-05T11:58:25.140900Z, |NET: Registered protocol family 10|",
        "|30,340,5690716,-;udevd[80]: starting version 181|,            3, 6, 340,"
            + " 2025-06-05T11:58:25.690716Z, |udevd[80]: starting version 181|",
        "|4,5,0,c;a fragment|,                     0, 4, 5, 2025-06-05T11:58:20Z, |a fragment|",
        "|4,5,0,-,caller=T1;from a thread|,        0, 4, 5, 2025-06-05T11:58:20Z, |from a thread|",
        "|4,5,0;no flags|,                         0, 4, 5, 2025-06-05T11:58:20Z, |no flags|",
        "|4,5,0,-;|,                               0, 4, 5, 2025-06-05T11:58:20Z, ||",
        "|4,5,0,-;a;b,c|,                          0, 4, 5, 2025-06-05T11:58:20Z, |a;b,c|",
        "|0,18446744073709551,0,-;many|,  0, 0, 18446744073709551, 2025-06-05T11:58:20Z, |many|",
      })
  void parse_aRecord_isTakenApart(
      String line, int facility, int severity, long sequence, String time, String content) {
    assertThat(parse(line)).isTrue();
    assertThat(parser.facility()).isEqualTo(facility);
    assertThat(entry.severity()).isEqualTo(severity);
    assertThat(parser.sequence()).isEqualTo(sequence);
    assertThat(Instant.ofEpochSecond(entry.seconds(), entry.nanos())).isEqualTo(time);
    assertThat(content()).isEqualTo(content);
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '|',
      value = {
        "|a\\x0ab|,          |10|",
        "|\\x5cx41|,         |92|",
        "|\\xff|,            |255|",
        "|\\xFF|,            |255|",
        "|\\x1b[31m|,        |27|",
      })
  void parse_anEscape_isTheByte(String text, int escaped) {
    assertThat(parse("6,1,1,-;" + text)).isTrue();
    assertThat(content()).contains(String.valueOf((char) escaped));
    assertThat(content()).hasSize(text.length() - 3);
  }

  @ParameterizedTest
  @ValueSource(strings = {"\\", "\\x", "\\x4", "\\xg0", "\\x0g", "\\n", "a\\"})
  void parse_whatIsNoEscape_staysAsItIs(String text) {
    assertThat(parse("6,1,1,-;" + text)).isTrue();
    assertThat(content()).isEqualTo(text);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ";",
        "6",
        "6,",
        "6,1",
        "6,1,",
        "6,1,1",
        "6,1,1,-",
        "6,1,1-;x",
        "6,1,,-;x",
        "6,,1,-;x",
        ",1,1,-;x",
        "x,1,1,-;x",
        "6,x,1,-;x",
        "6,1,x,-;x",
        "-6,1,1,-;x",
        " SUBSYSTEM=acpi",
        "6,1234567890123456789,1,-;x",
        "1234567890,1,1,-;x",
      })
  void parse_whatIsNoRecord_isRefused(String line) {
    assertThat(parse(line)).isFalse();
  }

  @Test
  void parse_inTheMiddleOfAnArray_seesNothingElse() {
    byte[] bytes = "16,1,1,-;abc\\x41".getBytes(ISO_8859_1);
    assertThat(parser.parse(bytes, 1, bytes.length - 2, entry)).isTrue();
    assertThat(entry.severity()).isEqualTo(6);
    assertThat(content()).isEqualTo("abc\\x4");
  }

  /** The kernel's clock stood still for an hour, or drifted that much. */
  @Test
  void parse_whatIsReadLive_isOfNowWhateverTheKernelsClockSays() {
    Instant[] now = {NOW};
    KmsgParser waiting = new KmsgParser(() -> now[0], () -> UPTIME_NANOS);
    byte[] line = "6,1,100000000,-;x".getBytes(ISO_8859_1);
    now[0] = NOW.plusSeconds(3600);
    assertThat(waiting.parse(line, 0, line.length, entry)).isTrue();
    assertThat(Instant.ofEpochSecond(entry.seconds(), entry.nanos())).isEqualTo(NOW);
    waiting.live();
    assertThat(waiting.parse(line, 0, line.length, entry)).isTrue();
    assertThat(Instant.ofEpochSecond(entry.seconds(), entry.nanos())).isEqualTo(now[0]);
  }

  @Test
  void parse_aTimeToCome_isNow() {
    assertThat(parse("6,1,999000000000,-;x")).isTrue();
    assertThat(Instant.ofEpochSecond(entry.seconds(), entry.nanos())).isEqualTo(NOW);
  }

  private boolean parse(String line) {
    byte[] bytes = line.getBytes(ISO_8859_1);
    return parser.parse(bytes, 0, bytes.length, entry);
  }

  private String content() {
    return new String(entry.bytes(), entry.contentOffset(), entry.contentLength(), ISO_8859_1);
  }
}
