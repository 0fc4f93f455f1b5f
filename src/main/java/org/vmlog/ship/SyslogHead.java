package org.vmlog.ship;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
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
  /** What {@link #shortened} is never longer than, with a part number. */
  public static final int SHORTENED_BYTES = 1024;

  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSS'Z'", Locale.ROOT)
          .withZone(ZoneOffset.UTC);
  private static final int MAX_HOSTNAME = 255;
  private static final int SHORT_VALUE = 48;
  private static final int SHORT_ID_BEGIN = 140;

  /** A file's id and two offsets. */
  private static final int SHORT_ID_END = 60;

  /** With a space at its end. */
  public byte[] bytes() {
    return bytes("");
  }

  /**
   * The same with the parameter {@code part}.
   *
   * @param part which piece of the record stands behind it, and of how many: {@code 2/3}; empty for
   *     a whole one
   */
  public byte[] bytes(String part) {
    StringBuilder head = new StringBuilder(256);
    head.append('<').append(pri).append(">1 ").append(time == null ? "-" : TIME.format(time));
    head.append(' ').append(hostname(name)).append(" - - - [vm@32473");
    put(head, "owner", owner);
    put(head, "name", name);
    if (!cid.isEmpty()) {
      put(head, "cid", cid);
    }
    put(head, "channel", new String(channel.text(), UTF_8));
    put(head, "host", host);
    put(head, "id", id);
    if (!part.isEmpty()) {
      put(head, "part", part);
    }
    return head.append("] ").toString().getBytes(UTF_8);
  }

  /**
   * The same with long names cut, for where a message may not be long. Of the id the middle is left
   * out, where owner and name are; the file's own id is in what stays, so it is still unique.
   */
  public SyslogHead shortened() {
    int end = id.length() - SHORT_ID_END;
    String shortId = end <= SHORT_ID_BEGIN ? id : cut(id, SHORT_ID_BEGIN) + '~' + id.substring(end);
    return new SyslogHead(
        pri, time, shortValue(owner), shortValue(name), cid, channel, shortValue(host), shortId);
  }

  private static String shortValue(String value) {
    return value.length() <= SHORT_VALUE ? value : cut(value, SHORT_VALUE - 1) + '~';
  }

  private static String cut(String value, int length) {
    boolean halves = Character.isHighSurrogate(value.charAt(length - 1));
    return value.substring(0, halves ? length - 1 : length);
  }

  private static void put(StringBuilder head, String name, String value) {
    head.append(' ').append(name).append("=\"").append(escape(value)).append('"');
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
