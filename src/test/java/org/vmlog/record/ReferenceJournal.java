package org.vmlog.record;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntSupplier;

/**
 * Reads a journal export stream slowly, all of it at once and by the letter of its description.
 * Texts are ISO 8859-1, so that they are bytes.
 */
final class ReferenceJournal {
  private static final BigInteger MICROS = BigInteger.valueOf(1_000_000);

  /** What became of one entry; the content is null of one that says nothing. */
  record Entry(Channel channel, int severity, long seconds, int nanos, String content) {}

  final List<Entry> entries = new ArrayList<>();
  boolean malformed;
  boolean unfinished;

  ReferenceJournal(byte[] stream, long nowSeconds) {
    String text = new String(stream, ISO_8859_1);
    Map<String, String> fields = new HashMap<>();
    int at = 0;
    while (at < text.length()) {
      int begin = at;
      while (at < text.length()
          && "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_".indexOf(text.charAt(at)) >= 0) {
        at++;
      }
      String name = text.substring(begin, Math.min(at, begin + 65));
      if (name.length() > 64) {
        malformed = true;
        return;
      }
      if (at == text.length()) {
        break;
      }
      char mark = text.charAt(at++);
      if (mark == '\n' && name.isEmpty()) {
        if (!fields.isEmpty()) {
          entries.add(entry(fields, nowSeconds));
          fields.clear();
        }
        continue;
      }
      if (name.isEmpty() || (mark != '=' && mark != '\n')) {
        malformed = true;
        return;
      }
      int end;
      if (mark == '=') {
        end = text.indexOf('\n', at);
      } else {
        BigInteger length = BigInteger.ZERO;
        if (text.length() - at < 8) {
          unfinished = true;
          return;
        }
        for (int i = 7; i >= 0; i--) {
          length = length.shiftLeft(8).or(BigInteger.valueOf(text.charAt(at + i)));
        }
        at += 8;
        BigInteger last = length.add(BigInteger.valueOf(at));
        end = last.compareTo(BigInteger.valueOf(text.length())) >= 0 ? -1 : last.intValue();
        if (end >= 0 && text.charAt(end) != '\n') {
          malformed = true;
          return;
        }
      }
      if (end < 0) {
        unfinished = true;
        return;
      }
      fields.putIfAbsent(name, text.substring(at, end));
      at = end + 1;
      if (at == text.length()) {
        unfinished = true;
        return;
      }
    }
    unfinished = !fields.isEmpty() || (at > 0 && text.charAt(at - 1) != '\n');
  }

  private static Entry entry(Map<String, String> fields, long nowSeconds) {
    String message = fields.get("MESSAGE");
    if (message == null) {
      return new Entry(Channel.USER, 0, 0, 0, null);
    }
    boolean ring = "kernel".equals(fields.get("_TRANSPORT"));
    BigInteger facility = number(fields.get("SYSLOG_FACILITY"));
    boolean kernel = ring && BigInteger.ZERO.equals(facility);
    StringBuilder content = new StringBuilder(" ");
    String tag = said(fields, "SYSLOG_IDENTIFIER", "_COMM");
    if (!kernel && tag != null) {
      content.append(cut(tag, 1024));
      String pid = said(fields, "SYSLOG_PID", "_PID");
      if (pid != null) {
        content.append('[').append(pid).append(']');
      }
      content.append(": ");
    }
    content.append(message);
    BigInteger priority = number(fields.get("PRIORITY"));
    int severity =
        priority != null && priority.compareTo(BigInteger.valueOf(7)) <= 0
            ? priority.intValue()
            : 6;
    BigInteger received = number(fields.get("__REALTIME_TIMESTAMP"));
    BigInteger monotonic = number(fields.get("__MONOTONIC_TIMESTAMP"));
    BigInteger logged = number(fields.get("_SOURCE_MONOTONIC_TIMESTAMP"));
    BigInteger source = number(fields.get("_SOURCE_REALTIME_TIMESTAMP"));
    BigInteger time = source == null ? received : source;
    if (ring && received != null && monotonic != null && logged != null) {
      BigInteger aged = received.subtract(monotonic.subtract(logged));
      boolean sane = monotonic.compareTo(logged) >= 0 && aged.signum() >= 0;
      time = sane ? aged : received;
    }
    return new Entry(
        kernel ? Channel.KERNEL : Channel.USER,
        severity,
        time == null ? nowSeconds : time.divide(MICROS).longValueExact(),
        time == null ? 0 : time.mod(MICROS).intValueExact() * 1000,
        content.toString());
  }

  private static String cut(String text, int length) {
    return text.substring(0, Math.min(length, text.length()));
  }

  /** Of a number that is too long to be one nothing is kept. */
  private static String said(Map<String, String> fields, String first, String second) {
    for (String name : List.of(first, second)) {
      String value = fields.getOrDefault(name, "");
      if (!value.isEmpty() && !(name.endsWith("PID") && value.length() > 24)) {
        return value;
      }
    }
    return null;
  }

  private static BigInteger number(String text) {
    return text != null && text.matches("[0-9]{1,18}") ? new BigInteger(text) : null;
  }

  /** The same stream as a decoder sees it that is fed pieces of such lengths. */
  static ReferenceJournal decoded(byte[] stream, long nowSeconds, IntSupplier pieces) {
    ReferenceJournal seen = new ReferenceJournal(new byte[0], nowSeconds);
    JournalDecoder decoder =
        new JournalDecoder(InstantSource.fixed(Instant.ofEpochSecond(nowSeconds)));
    LogEntry entry = new LogEntry();
    int at = 0;
    try {
      while (at < stream.length) {
        int length = Math.min(stream.length - at, Math.max(1, pieces.getAsInt()));
        byte[] piece = Arrays.copyOfRange(stream, at, at + length);
        decoder.feed(piece, 0, length);
        StreamDecoder.Step step = decoder.next(entry);
        while (step != StreamDecoder.Step.MORE) {
          seen.entries.add(
              step == StreamDecoder.Step.SILENT
                  ? new Entry(Channel.USER, 0, 0, 0, null)
                  : new Entry(
                      decoder.channel(),
                      entry.severity(),
                      entry.seconds(),
                      entry.nanos(),
                      new String(
                          entry.bytes(),
                          entry.contentOffset(),
                          entry.contentLength(),
                          ISO_8859_1)));
          step = decoder.next(entry);
        }
        Arrays.fill(piece, (byte) 0xEE); // what is kept is the decoder's own
        at += length;
      }
      seen.unfinished = decoder.end();
    } catch (MalformedStreamException e) {
      seen.malformed = true;
    }
    return seen;
  }

  /** A field as it is written. */
  static void put(ByteArrayOutputStream out, String name, byte[] value, boolean binary) {
    out.writeBytes(name.getBytes(ISO_8859_1));
    if (binary) {
      out.write('\n');
      for (int i = 0; i < 8; i++) {
        out.write((int) ((long) value.length >>> (8 * i)));
      }
    } else {
      out.write('=');
    }
    out.writeBytes(value);
    out.write('\n');
  }
}
