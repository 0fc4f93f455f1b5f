package org.vmlog.record;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * One line of a VM's file, taken apart: where in its bytes each part stands. What a guest wrote is
 * as it wrote it, so a tag is a claim; the facility is the host's word.
 *
 * <p>{@link LineParser} fills one again and again; {@link #copy} keeps it. Confined to one thread.
 */
public final class LineView {
  /** What {@link #cid} answers of a line without one. */
  public static final int NONE = -1;

  byte[] bytes = {};
  int from;
  int to;
  boolean timed;
  long micros;
  int priority;
  int contentFrom;
  int tagFrom;
  int tagTo;
  int pidFrom;
  int pidTo;
  int bodyFrom;
  long cid;

  /** This line in bytes of its own, which nobody fills again. */
  public LineView copy() {
    return copy(Integer.MAX_VALUE);
  }

  /** The same of its beginning: so many bytes, or as many as there are. */
  public LineView copy(int most) {
    LineView copy = new LineView();
    copy.bytes = Arrays.copyOfRange(bytes, from, from + Math.min(most, to - from));
    copy.to = copy.bytes.length;
    copy.timed = timed;
    copy.micros = micros;
    copy.priority = priority;
    copy.contentFrom = contentFrom - from;
    copy.tagFrom = tagFrom - from;
    copy.tagTo = tagTo - from;
    copy.pidFrom = pidFrom - from;
    copy.pidTo = pidTo - from;
    copy.bodyFrom = bodyFrom - from;
    copy.cid = cid;
    return copy;
  }

  /** The bytes that the line is in, from {@link #from} to {@link #to}; not to be changed. */
  public byte[] bytes() {
    return bytes;
  }

  public int from() {
    return from;
  }

  /** Where it ends, without its newline. */
  public int to() {
    return to;
  }

  /** Whether the line itself says when it was logged. */
  public boolean isTimed() {
    return timed;
  }

  /** Microseconds since 1970; of a line without a time, that of the line before. */
  public long micros() {
    return micros;
  }

  /** 0, an emergency, to 7; of a line without a priority, a notice's 5. */
  public int severity() {
    return priority & 7;
  }

  /** RFC 5424's number; of a line without a priority, user(1). */
  public int facility() {
    return priority >> 3;
  }

  /** How it came to the host; null if that is not one of a VM's ways. */
  public @Nullable Channel channel() {
    for (Channel channel : Channel.values()) {
      if (channel.facility() == facility()) {
        return channel;
      }
    }
    return null;
  }

  /** The vsock context id, unsigned, where the format has it; else -1. */
  public long cid() {
    return cid;
  }

  /** Where the host's word ends and the content begins. */
  public int contentFrom() {
    return contentFrom;
  }

  /** Where the message begins, after tag and pid. */
  public int bodyFrom() {
    return bodyFrom;
  }

  /** The program, {@code sshd} of {@code sshd[312]: text}; empty if there is none. */
  public String tag() {
    return text(tagFrom, tagTo);
  }

  /** Whether that is the tag. */
  public boolean isTag(byte[] tag) {
    return Arrays.equals(bytes, tagFrom, tagTo, tag, 0, tag.length);
  }

  /** {@code 312} of {@code sshd[312]: text}; empty if there is none. */
  public String pid() {
    return text(pidFrom, pidTo);
  }

  /** All that is not the host's word: {@code sshd[312]: text}. */
  public String content() {
    return text(contentFrom, to);
  }

  /** {@code text} of {@code sshd[312]: text}. */
  public String body() {
    return text(bodyFrom, to);
  }

  /** The line as it stands in the file, with U+FFFD for what is no UTF-8. */
  @Override
  public String toString() {
    return text(from, to);
  }

  private String text(int begin, int end) {
    int there = Math.min(end, bytes.length); // of a copy of the beginning
    return new String(bytes, begin, Math.max(0, there - begin), UTF_8);
  }
}
