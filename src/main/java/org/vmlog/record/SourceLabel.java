package org.vmlog.record;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;

/**
 * What the lines of one source say about it, ready as bytes: HOST, the tag before the content, and
 * RFC 5424's structured data. All of it is the host's word; nothing a guest sends gets in.
 *
 * <p>Owner and name are whatever a launcher said, so each is made harmless here. Immutable.
 * Thread-safe.
 */
public final class SourceLabel {
  private static final int MAX_HOST_BYTES = 63;

  /** Of the scrubbed owner, before escaping; keeps any line's head under a kilobyte. */
  private static final int MAX_OWNER_BYTES = 255;

  // Scrubbed and escaped, for the same end.
  private static final int MAX_MONIKER_BYTES = 255;
  private static final int MAX_URL_BYTES = 255;
  private static final int MAX_INSTANCE_BYTES = 64;

  private final byte[] hostField;
  private final byte[] tag;
  private final byte[] structuredData;

  private SourceLabel(String name, String tag, String structuredData) {
    this.hostField = (host(name) + " ").getBytes(US_ASCII);
    this.tag = tag.getBytes(US_ASCII);
    this.structuredData = structuredData.getBytes(UTF_8);
  }

  /**
   * A VM.
   *
   * @param cid unsigned; 0 when it has none
   */
  public static SourceLabel vm(String owner, String name, long cid) {
    return new SourceLabel(name, vmTag(cid), vmData(owner, cid));
  }

  /**
   * A guest that nobody announced. Its HOST is {@code cid-CID}; its owner is empty, which no VM's
   * is.
   *
   * @param cid unsigned; 0 for a TCP peer
   */
  public static SourceLabel anonymous(long cid) {
    return new SourceLabel("cid-" + Long.toUnsignedString(cid), vmTag(cid), vmData("", cid));
  }

  /** A component of this host, with an empty owner and CID 0. Its tag is its HOST. */
  public static SourceLabel component(String name) {
    return new SourceLabel(name, host(name) + ": ", vmData("", 0));
  }

  /**
   * A component of this host that its launcher vouched for. Its tag is its HOST.
   *
   * @param moniker the realms above it and its name, with slashes between them
   * @param url what was started
   * @param instanceId tells one start from the others
   */
  public static SourceLabel component(String name, String moniker, String url, String instanceId) {
    String data =
        "[component@32473 moniker=\"%s\" url=\"%s\" instance=\"%s\" channel=\""
            .formatted(
                value(moniker, MAX_MONIKER_BYTES),
                value(url, MAX_URL_BYTES),
                value(instanceId, MAX_INSTANCE_BYTES));
    return new SourceLabel(name, host(name) + ": ", data);
  }

  /** A user of this host who logs through the forwarder's own socket: {@code uid-UID}. */
  public static SourceLabel hostUser(int uid) {
    return component("uid-" + Integer.toUnsignedString(uid));
  }

  /** HOST, 1 to 63 bytes of {@code [A-Za-z0-9._-]}, and a space. */
  byte[] hostField() {
    return hostField;
  }

  /** {@code VM(CID): } or {@code NAME: }. */
  byte[] tag() {
    return tag;
  }

  /** The element of structured data, up to where the channel's name goes within its quotes. */
  byte[] structuredData() {
    return structuredData;
  }

  @Override
  public String toString() {
    return new String(hostField, US_ASCII).strip();
  }

  private static String vmTag(long cid) {
    return "VM(" + Long.toUnsignedString(cid) + "): ";
  }

  private static String host(String name) {
    byte[] bytes = name.isEmpty() ? new byte[] {'v', 'm'} : name.getBytes(UTF_8);
    byte[] host = Arrays.copyOf(bytes, Math.min(bytes.length, MAX_HOST_BYTES));
    for (int i = 0; i < host.length; i++) {
      if (!isHostByte(host[i])) {
        host[i] = '_';
      }
    }
    return new String(host, US_ASCII);
  }

  private static boolean isHostByte(byte b) {
    return (b >= 'A' && b <= 'Z')
        || (b >= 'a' && b <= 'z')
        || (b >= '0' && b <= '9')
        || b == '.'
        || b == '_'
        || b == '-';
  }

  private static String vmData(String owner, long cid) {
    return "[vm@32473 owner=\"%s\" cid=\"%s\" channel=\""
        .formatted(escape(scrub(owner, MAX_OWNER_BYTES)), Long.toUnsignedString(cid));
  }

  /** A scrubbed beginning of the text that has at most so many bytes with its escapes. */
  private static String value(String text, int maxBytes) {
    int max = maxBytes;
    String value = escape(scrub(text, max));
    while (value.getBytes(UTF_8).length > maxBytes) {
      value = escape(scrub(text, --max));
    }
    return value;
  }

  private static String scrub(String text, int maxBytes) {
    byte[] bytes = text.getBytes(UTF_8);
    LineBuffer out = new LineBuffer(maxBytes);
    Scrubber.of(ScrubMode.STANDARD).scrub(bytes, 0, bytes.length, out);
    return new String(out.bytes(), 0, out.position(), UTF_8);
  }

  /** RFC 5424 section 6.3.3: a backslash before each quote, backslash and closing bracket. */
  private static String escape(String value) {
    return value.replaceAll("[\"\\\\\\]]", "\\\\$0");
  }
}
