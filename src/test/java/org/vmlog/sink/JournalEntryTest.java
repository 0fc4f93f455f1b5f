package org.vmlog.sink;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.vmlog.record.Channel;
import org.vmlog.record.LineBuffer;
import org.vmlog.record.LineFormat;
import org.vmlog.record.LineRenderer;
import org.vmlog.record.LogEntry;
import org.vmlog.record.ScrubMode;
import org.vmlog.record.SourceLabel;
import org.vmlog.testing.JournalFields;
import org.vmlog.testing.Seed;

class JournalEntryTest {
  private static final String FIELDS =
      "PRIORITY,SYSLOG_FACILITY,SYSLOG_TIMESTAMP,VM_OWNER,VM_NAME,VM_CID,VM_CHANNEL,"
          + "SYSLOG_IDENTIFIER,SYSLOG_PID,MESSAGE";

  private final LineRenderer renderer =
      new LineRenderer(LineFormat.RFC5424, ScrubMode.STANDARD, ZoneOffset.UTC, 0);
  private final JournalEntry entry = new JournalEntry("alice", "web-1");

  @Test
  void of_aGuestsLine_hasAllItsPartsInFields() {
    String fields = text(entry, rendered(Channel.USER, " sshd[312]: Failed password"));

    assertThat(fields)
        .isEqualTo(
            """
            PRIORITY=4
            SYSLOG_FACILITY=1
            SYSLOG_TIMESTAMP=2026-11-21T13:40:05.123456+00:00
            VM_OWNER=alice
            VM_NAME=web-1
            VM_CID=42
            VM_CHANNEL=user
            SYSLOG_IDENTIFIER=sshd
            SYSLOG_PID=312
            MESSAGE=Failed password
            """);
  }

  @ParameterizedTest
  @CsvSource({
    "KERNEL, 'oops', 0, kernel, kernel, oops",
    "USER, 'no tag', 1, user, web-1, no tag",
    "USER, '', 1, user, web-1, ''",
    "VMM, ' crosvm: up', 3, vmm, crosvm, up",
    "FORWARDER, 'forwarder: 3 records dropped', 5, forwarder, forwarder, 3 records dropped",
  })
  void of_anyChannel_saysWhichAndWho(
      Channel channel, String content, String facility, String name, String tag, String message) {
    assertThat(fields(entry, rendered(channel, content)))
        .containsEntry("SYSLOG_FACILITY", facility)
        .containsEntry("VM_CHANNEL", name)
        .containsEntry("SYSLOG_IDENTIFIER", tag)
        .containsEntry("MESSAGE", message);
  }

  @Test
  void of_aNameWithNewlines_makesNoFieldOfThem() {
    JournalEntry evil = new JournalEntry("a\nPRIORITY=0", "web\n_UID=0\n\nMESSAGE=forged");

    assertThat(fields(evil, rendered(Channel.USER, "hello")))
        .containsOnlyKeys(
            "PRIORITY",
            "SYSLOG_FACILITY",
            "SYSLOG_TIMESTAMP",
            "VM_OWNER",
            "VM_NAME",
            "VM_CID",
            "VM_CHANNEL",
            "SYSLOG_IDENTIFIER",
            "MESSAGE")
        .containsEntry("VM_OWNER", "a\nPRIORITY=0")
        .containsEntry("VM_NAME", "web\n_UID=0\n\nMESSAGE=forged")
        .containsEntry("PRIORITY", "4")
        .containsEntry("MESSAGE", "hello");
  }

  @Test
  void of_aComponent_hasNoCid() {
    SourceLabel cart = SourceLabel.component("cart", "shop/cart", "test:///cart", "1");
    JournalEntry component = new JournalEntry("@realms/shop", "cart");

    assertThat(fields(component, rendered(Channel.USER, "hello", cart)))
        .containsEntry("VM_OWNER", "@realms/shop")
        .containsEntry("VM_NAME", "cart")
        .doesNotContainKey("VM_CID");
  }

  /** Whatever a guest says, its words are in the fields that are its own. */
  @Test
  void of_randomContent_setsNoOtherField() {
    Random random = Seed.random("JournalEntryTest");
    String[] parts = {"\n", "=", "MESSAGE", "_UID=0", "VM_NAME=x", "[", "]", ": ", "\0", "é", "\r"};
    for (int round = 0; round < 5000; round++) {
      StringBuilder content = new StringBuilder();
      for (int i = random.nextInt(12); i > 0; i--) {
        content.append(parts[random.nextInt(parts.length)]);
      }
      Map<String, String> fields = fields(entry, rendered(Channel.USER, content.toString()));

      assertThat(fields.keySet()).as(content.toString()).isSubsetOf(FIELDS.split(","));
      assertThat(fields)
          .containsEntry("VM_OWNER", "alice")
          .containsEntry("VM_NAME", "web-1")
          .containsEntry("VM_CID", "42")
          .containsEntry("PRIORITY", "4");
    }
  }

  private static Map<String, String> fields(JournalEntry entry, byte[] line) {
    return JournalFields.parse(entry.of(ByteBuffer.wrap(line))).get(0);
  }

  private static String text(JournalEntry entry, byte[] line) {
    return UTF_8.decode(entry.of(ByteBuffer.wrap(line))).toString();
  }

  private byte[] rendered(Channel channel, String content) {
    return rendered(channel, content, SourceLabel.vm("alice", "web-1", 42));
  }

  private byte[] rendered(Channel channel, String content, SourceLabel label) {
    byte[] bytes = content.getBytes(UTF_8);
    LineBuffer out = new LineBuffer(1 << 16);
    LogEntry said = new LogEntry().set(4, 1795268405, 123_456_000, bytes, 0, bytes.length);
    assertThat(renderer.render(said, channel, label, out)).isTrue();
    byte[] line = new byte[out.position() - 1];
    System.arraycopy(out.bytes(), 0, line, 0, line.length);
    return line;
  }
}
