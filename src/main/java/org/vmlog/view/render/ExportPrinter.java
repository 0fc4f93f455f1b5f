package org.vmlog.view.render;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import org.vmlog.logs.LogName;
import org.vmlog.record.Channel;
import org.vmlog.record.LineView;
import org.vmlog.view.LogLine;

/**
 * {@code export}: the format of journalctl's of that name (systemd's "Journal Export Formats"),
 * which systemd-journal-remote takes, with the VM as the host. Fields are those of {@code json}.
 *
 * <p>Since systemd 255 an entry without {@code _BOOT_ID} is refused. A VM's is made of whose it is,
 * and of the moment of its kernel's first message, as far as that is among the lines: so it is the
 * same each time, and another after the VM has booted again. Confined to one thread.
 */
final class ExportPrinter implements LinePrinter {
  private static final String FIRST_MESSAGE = "Linux version ";

  private final ShownText shown;
  private final Map<LogName, String> boots = new HashMap<>();

  ExportPrinter(ShownText shown) {
    this.shown = shown;
  }

  @Override
  public void print(LogLine line, OutputStream out) throws IOException {
    ByteArrayOutputStream entry = new ByteArrayOutputStream();
    Map<String, String> fields = LineFields.of(line);
    // Which host the VM is on, if it is another: the VM is the host here.
    fields.remove("_HOSTNAME");
    fields.forEach((name, value) -> append(name, value, entry));
    if (!line.log().host().isEmpty()) {
      append("VM_HOST", line.log().host(), entry);
    }
    append("_HOSTNAME", line.log().name(), entry);
    append("_BOOT_ID", boot(line), entry);
    entry.write('\n');
    entry.writeTo(out);
  }

  private String boot(LogLine line) {
    LineView parts = line.line();
    LogName log = line.log();
    if (parts.channel() == Channel.KERNEL && parts.body().startsWith(FIRST_MESSAGE)) {
      boots.put(log, id(log + " " + parts.micros()));
    }
    return boots.computeIfAbsent(log, whose -> id(whose.toString()));
  }

  /** 128 bits as the journal writes them. */
  private static String id(String what) {
    return UUID.nameUUIDFromBytes(what.getBytes(UTF_8)).toString().replace("-", "");
  }

  private void append(String name, String value, ByteArrayOutputStream entry) {
    byte[] bytes = shown.harmless(value).getBytes(UTF_8);
    entry.writeBytes(name.getBytes(UTF_8));
    if (isText(bytes)) {
      entry.write('=');
    } else {
      entry.write('\n');
      entry.writeBytes(
          ByteBuffer.allocate(Long.BYTES)
              .order(ByteOrder.LITTLE_ENDIAN)
              .putLong(bytes.length)
              .array());
    }
    entry.writeBytes(bytes);
    entry.write('\n');
  }

  /** Other bytes come with their length. */
  private static boolean isText(byte[] bytes) {
    for (byte b : bytes) {
      if (b >= 0 && b < ' ' && b != '\t') {
        return false;
      }
    }
    return true;
  }
}
