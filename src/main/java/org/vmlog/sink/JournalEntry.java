package org.vmlog.sink;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.Locale;
import org.vmlog.record.Channel;
import org.vmlog.record.LineBuffer;
import org.vmlog.record.LineParser;
import org.vmlog.record.LineView;
import org.vmlog.record.YearRecovery;

/**
 * Makes an entry of a line of RFC 5424, in the form that systemd-journald reads
 * (systemd.io/JOURNAL_NATIVE_PROTOCOL): a field a line, {@code NAME=value}; a value with a newline
 * in it has its length before it, so that no value can begin a field, whoever chose it.
 *
 * <p>The fields are those of {@code vmlog -o json}. {@code SYSLOG_IDENTIFIER} and {@code
 * SYSLOG_PID} are the guest's claim; without one, the identifier is the VM's name, where journalctl
 * would show this program's. Confined to one thread.
 */
final class JournalEntry {
  private final LineParser parser = new LineParser(new YearRecovery(ZoneOffset.UTC, Instant.EPOCH));
  private final byte[] whose;
  private final byte[] name;
  private byte[] line = {};

  JournalEntry(String owner, String name) {
    this.name = name.getBytes(UTF_8);
    LineBuffer fields = new LineBuffer(256);
    put(fields, "VM_OWNER", owner);
    put(fields, "VM_NAME", this.name, 0, this.name.length);
    whose = Arrays.copyOf(fields.bytes(), fields.position());
  }

  /** The whole entry; the caller's. The line has no newline at its end. */
  ByteBuffer of(ByteBuffer from) {
    int length = from.remaining();
    line = line.length < length || line.length > 2 * length + 4096 ? new byte[length] : line;
    from.get(line, 0, length);
    LineView parts = parser.parse(line, 0, length);
    LineBuffer out = new LineBuffer(whose.length + length + 512);
    put(out, "PRIORITY", Integer.toString(parts.severity()));
    put(out, "SYSLOG_FACILITY", Integer.toString(parts.facility()));
    if (parts.isTimed()) {
      int time = wordEnd(line, 0, length) + 1;
      put(out, "SYSLOG_TIMESTAMP", line, time, wordEnd(line, time, length));
    }
    out.put(whose);
    if (parts.cid() > 0) {
      put(out, "VM_CID", Long.toString(parts.cid()));
    }
    Channel channel = parts.channel();
    if (channel != null) {
      put(out, "VM_CHANNEL", channel.name().toLowerCase(Locale.ROOT));
    }
    if (parts.tag().isEmpty()) {
      put(out, "SYSLOG_IDENTIFIER", name, 0, name.length);
    } else {
      put(out, "SYSLOG_IDENTIFIER", parts.tag());
    }
    if (!parts.pid().isEmpty()) {
      put(out, "SYSLOG_PID", parts.pid());
    }
    put(out, "MESSAGE", line, parts.bodyFrom(), length);
    return ByteBuffer.wrap(out.bytes(), 0, out.position());
  }

  private static int wordEnd(byte[] line, int from, int to) {
    int at = from;
    while (at < to && line[at] != ' ') {
      at++;
    }
    return at;
  }

  private static void put(LineBuffer out, String name, String value) {
    byte[] bytes = value.getBytes(UTF_8);
    put(out, name, bytes, 0, bytes.length);
  }

  private static void put(LineBuffer out, String name, byte[] value, int from, int to) {
    int length = to - from;
    int most = name.length() + Long.BYTES + length + 3;
    if (out.remaining() < most) {
      out.grow(2 * out.capacity() + most);
    }
    out.put(name.getBytes(US_ASCII));
    if (hasNewline(value, from, to)) {
      out.put((byte) '\n');
      for (int shift = 0; shift < Long.SIZE; shift += Byte.SIZE) {
        out.put((byte) ((long) length >>> shift));
      }
    } else {
      out.put((byte) '=');
    }
    out.put(value, from, length);
    out.put((byte) '\n');
  }

  private static boolean hasNewline(byte[] value, int from, int to) {
    for (int at = from; at < to; at++) {
      if (value[at] == '\n') {
        return true;
      }
    }
    return false;
  }
}
