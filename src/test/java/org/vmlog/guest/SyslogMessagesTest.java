package org.vmlog.guest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.vmlog.record.Channel.KERNEL;
import static org.vmlog.record.Channel.USER;

import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.vmlog.proto.vmtools.LogRecord;
import org.vmlog.record.SyslogParser;
import org.vmlog.record.SyslogParser.Sender;

/** What a guest's programs send, as the records that the host gets. */
class SyslogMessagesTest {
  private static final Instant NOW = Instant.parse("2003-10-13T00:00:00.5Z");

  private final RecordBuffer buffer = Records.buffer(64);
  private final SyslogMessages messages =
      new SyslogMessages(
          buffer,
          new SyslogParser(Sender.LOCAL, ZoneId.of("America/Chicago")),
          InstantSource.fixed(NOW));

  @Test
  void accept_aMessage_isARecordOfNow() {
    LogRecord record = accept("<34>Oct 11 22:14:15 mymachine su: 'su root' failed\n").orElseThrow();

    assertThat(record.getSeverityValue() - 1).isEqualTo(2);
    assertThat(timeOf(record)).isEqualTo(NOW);
    assertThat(record.getContent().toStringUtf8()).isEqualTo(" su: 'su root' failed");
  }

  /** {@code logger -p kern.info}, and the default of some libraries. */
  @Test
  void accept_theKernelsFacility_isAProgramsRecord() {
    assertThat(accept("<6>Oct 11 22:14:15 kernel: forged")).isPresent();
    assertThat(buffer.take(KERNEL, Records.ALL)).isNull();
  }

  @Test
  void accept_nothing_isNoRecord() {
    assertThat(accept("\n\0")).isEmpty();
    assertThat(accept("<13>\n")).isEmpty();
  }

  private Optional<LogRecord> accept(String message) {
    byte[] bytes = message.getBytes(UTF_8);
    messages.accept(bytes, bytes.length);
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
