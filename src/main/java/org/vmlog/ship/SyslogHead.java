package org.vmlog.ship;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import org.jspecify.annotations.Nullable;

/**
 * A record up to its content as RFC 5424 has it: what a syslog server gets, and what a line that is
 * read from a topic looks like. HOSTNAME is the VM's name; which host it is on stands in the
 * structured data, with the id. As in the forwarder's own files, APP-NAME, PROCID and MSGID are
 * {@code -}, since only the guest could tell them. Immutable.
 *
 * @param owner of the VM
 * @param name of the VM
 * @param cid empty if it is not known
 * @param host what people call the host
 * @param id of the record
 */
public record SyslogHead(
    int pri,
    @Nullable Instant time,
    String owner,
    String name,
    String cid,
    VmChannel channel,
    String host,
    String id) {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSS'Z'").withZone(ZoneOffset.UTC);
  private static final int MAX_HOSTNAME = 255;

  /** With a space at its end. */
  public byte[] bytes() {
    return "<%d>1 %s %s - - - [vm@32473 owner=\"%s\" name=\"%s\"%s channel=\"%s\" host=\"%s\" id=\"%s\"] "
        .formatted(
            pri,
            time == null ? "-" : TIME.format(time),
            hostname(name),
            escape(owner),
            escape(name),
            cid.isEmpty() ? "" : " cid=\"" + cid + "\"",
            new String(channel.text(), UTF_8),
            escape(host),
            escape(id))
        .getBytes(UTF_8);
  }

  private static String hostname(String name) {
    String safe = name.replaceAll("[^A-Za-z0-9._-]", "_");
    String cut = safe.substring(0, Math.min(MAX_HOSTNAME, safe.length()));
    return cut.isEmpty() ? "vm" : cut;
  }

  /** RFC 5424 section 6.3.3, and nothing that ends a line. */
  private static String escape(String value) {
    return value.replaceAll("\\p{Cntrl}", "?").replaceAll("[\"\\\\\\]]", "\\\\$0");
  }
}
