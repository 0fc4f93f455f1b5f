package org.vmlog.view.render;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.OutputStream;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.vmlog.platform.Json;
import org.vmlog.record.Channel;
import org.vmlog.record.LineView;
import org.vmlog.view.LogLine;

/**
 * {@code json}: an object a line, with journalctl's names where it has them, and its habit of
 * having every value as a string. What is not known is left out.
 */
final class JsonPrinter implements LinePrinter {
  @Override
  public void print(LogLine line, OutputStream out) throws IOException {
    LineView parts = line.line();
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("__REALTIME_TIMESTAMP", Long.toString(parts.micros()));
    fields.put("PRIORITY", Integer.toString(parts.severity()));
    fields.put("SYSLOG_FACILITY", Integer.toString(parts.facility()));
    put(fields, "SYSLOG_IDENTIFIER", parts.tag());
    put(fields, "SYSLOG_PID", parts.pid());
    fields.put("MESSAGE", parts.body());
    put(fields, "_HOSTNAME", line.log().host());
    fields.put("VM_OWNER", line.log().owner());
    fields.put("VM_NAME", line.log().name());
    put(fields, "VM_CID", cid(parts));
    put(fields, "VM_CHANNEL", channel(parts));
    out.write((Json.of(fields) + "\n").getBytes(UTF_8));
  }

  private static void put(Map<String, Object> fields, String name, String value) {
    if (!value.isEmpty()) {
      fields.put(name, value);
    }
  }

  static String cid(LineView parts) {
    return parts.cid() < 0 ? "" : Long.toString(parts.cid());
  }

  static String channel(LineView parts) {
    Channel channel = parts.channel();
    return channel == null ? "" : channel.name().toLowerCase(Locale.ROOT);
  }
}
