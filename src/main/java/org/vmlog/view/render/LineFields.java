package org.vmlog.view.render;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.vmlog.record.Channel;
import org.vmlog.record.LineView;
import org.vmlog.view.LogLine;

/**
 * A line's parts by journalctl's names where it has them. What is not known is left out. Stateless.
 */
final class LineFields {
  private LineFields() {}

  static Map<String, String> of(LogLine line) {
    LineView parts = line.line();
    Map<String, String> fields = new LinkedHashMap<>();
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
    return fields;
  }

  private static void put(Map<String, String> fields, String name, String value) {
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
