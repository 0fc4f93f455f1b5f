package org.vmlog.view.render;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.vmlog.view.LogLine;

/**
 * {@code export}: the format of journalctl's of that name (systemd's "Journal Export Formats"),
 * which systemd-journal-remote takes, with the VM as the host. Fields are those of {@code json}.
 */
final class ExportPrinter implements LinePrinter {
  private final ShownText shown;

  ExportPrinter(ShownText shown) {
    this.shown = shown;
  }

  @Override
  public void print(LogLine line, OutputStream out) throws IOException {
    ByteArrayOutputStream entry = new ByteArrayOutputStream();
    LineFields.of(line).forEach((name, value) -> append(name, value, entry));
    append("_HOSTNAME", line.log().name(), entry);
    entry.write('\n');
    entry.writeTo(out);
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
