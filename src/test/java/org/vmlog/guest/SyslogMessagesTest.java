package org.vmlog.guest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.vmlog.record.Channel.USER;

import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.vmlog.proto.vmtools.LogRecord;

/** What a guest's programs send, as the records that the host gets. */
class SyslogMessagesTest {
  private static final Instant NOW = Instant.parse("2003-10-13T00:00:00.5Z");

  private final RecordBuffer buffer = Records.buffer(64);
  private final SyslogMessages messages =
      new SyslogMessages(buffer, ZoneId.of("America/Chicago"), InstantSource.fixed(NOW));

  /** RFC 3164, section 5.4. What it calls a header is, on a machine's own socket, the text. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          <34>Oct 11 22:14:15 mymachine su: 'su root' failed for lonvick on /dev/pts/8 | 2 | 2003-10-12T03:14:15Z   | ` mymachine su: 'su root' failed for lonvick on /dev/pts/8`
          Use the BFG!                                                               | 5 | 2003-10-13T00:00:00.5Z | Use the BFG!
          <165>Aug 24 05:34:00 CST 1987 mymachine myproc[10]: %% It's time           | 5 | 2003-08-24T10:34:00Z   | ` CST 1987 mymachine myproc[10]: %% It's time`
          <0>1990 Oct 22 10:52:01 TZ-6 scapegoat.dmz.example.org 10.1.2.3 sched[0]: That's All Folks! | 0 | 2003-10-13T00:00:00.5Z | 1990 Oct 22 10:52:01 TZ-6 scapegoat.dmz.example.org 10.1.2.3 sched[0]: That's All Folks!
          """)
  void accept_theExamplesOfRfc3164_keepTheirSeverityTimeAndText(
      String message, int severity, Instant time, String content) {
    LogRecord record = accept(message).orElseThrow();

    assertThat(record.getSeverityValue() - 1).isEqualTo(severity);
    assertThat(timeOf(record)).isEqualTo(time);
    assertThat(record.getContent().toStringUtf8()).isEqualTo(content);
  }

  @Test
  void accept_rfc5424_isInTheWordsOfRfc3164() {
    LogRecord record =
        accept("<165>1 2003-10-11T22:14:15.003Z host app 42 ID47 [id@32473 class=\"high\"] MSG")
            .orElseThrow();

    assertThat(timeOf(record)).isEqualTo("2003-10-11T22:14:15.003Z");
    assertThat(record.getContent().toStringUtf8())
        .isEqualTo(" app[42]: ID47 [id@32473 class=\"high\"] MSG");
  }

  @Test
  void accept_newlinesAndNulsAtTheEnd_areTakenOff() {
    assertThat(accept("<13>a\0b\n\0\n").orElseThrow().getContent().toStringUtf8())
        .isEqualTo("a\0b");
    assertThat(accept("\n\0")).isEmpty();
    assertThat(accept("<13>\n")).isEmpty();
  }

  private Optional<LogRecord> accept(String message) {
    byte[] bytes = message.getBytes(UTF_8);
    messages.accept(bytes, 0, bytes.length);
    Batch batch = buffer.take(USER, Records.ALL);
    if (batch == null) {
      return Optional.empty();
    }
    buffer.finish(batch);
    List<LogRecord> records = Records.request(batch).getRecordsList();
    assertThat(records).hasSize(1);
    return Optional.of(records.get(0));
  }

  private static Instant timeOf(LogRecord record) {
    return Instant.ofEpochSecond(
        record.getTimestamp().getSeconds(), record.getTimestamp().getNanos());
  }
}
