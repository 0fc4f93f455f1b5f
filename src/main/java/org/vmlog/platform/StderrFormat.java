package org.vmlog.platform;

import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.logging.Formatter;
import java.util.logging.Level;
import java.util.logging.LogRecord;

/**
 * A record of the daemon's own log as one line. For the journal it begins with {@code <N>}, see
 * sd-daemon(3); for the kernel's log with that and the program's tag; for people with the local
 * time and the level's name.
 *
 * <p>A throwable is told as the chain of its messages. One that is a defect rather than a condition
 * of the world (unchecked, or an Error) also names the place it came from, since its message seldom
 * does. With stack traces on, each of their lines follows as a debug line of its own.
 *
 * <p>Thread-safe.
 */
final class StderrFormat extends Formatter {
  private static final int MAX_CHARS = 8192;

  /** The kernel refuses a record of much more than this, in bytes; a character is four at most. */
  private static final int KERNEL_MAX_CHARS = 220;

  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("HH:mm:ss", Locale.ROOT);

  private final boolean prioritised;
  private final String tag;
  private final int maxChars;
  private final boolean stackTraces;
  private final ZoneId zone;

  private StderrFormat(
      boolean prioritised, String tag, int maxChars, boolean stackTraces, ZoneId zone) {
    this.prioritised = prioritised;
    this.tag = tag;
    this.maxChars = maxChars;
    this.stackTraces = stackTraces;
    this.zone = zone;
  }

  StderrFormat(boolean journal, boolean stackTraces, ZoneId zone) {
    this(journal, "", MAX_CHARS, stackTraces, zone);
  }

  /** For /dev/kmsg, where nobody else says which program it was. */
  static StderrFormat forKernelLog(String tag) {
    return new StderrFormat(true, tag, KERNEL_MAX_CHARS, false, ZoneOffset.UTC);
  }

  @Override
  public String format(LogRecord record) {
    StringBuilder text = new StringBuilder(String.valueOf(formatMessage(record)));
    Throwable thrown = record.getThrown();
    if (thrown != null) {
      Throwables.appendChain(text.append(text.isEmpty() ? "" : ": "), thrown);
    }
    StringBuilder lines = new StringBuilder();
    appendLine(lines, record.getInstant(), record.getLevel(), text);
    if (thrown != null && stackTraces) {
      for (String frame : Throwables.stackTrace(thrown)) {
        appendLine(lines, record.getInstant(), Level.FINE, frame);
      }
    }
    return lines.toString();
  }

  private void appendLine(StringBuilder out, Instant time, Level level, CharSequence text) {
    if (prioritised) {
      out.append('<').append(priority(level)).append('>').append(tag);
    } else {
      TIME.formatTo(time.atZone(zone), out);
      out.append(' ').append(name(level)).append(' ');
    }
    boolean cut = text.length() > maxChars;
    OneLine.append(out, cut ? text.subSequence(0, maxChars) : text);
    out.append(cut ? "…\n" : "\n");
  }

  /** The syslog severity that sd-daemon(3) wants between the angle brackets. */
  private static int priority(Level level) {
    if (level.intValue() >= Level.SEVERE.intValue()) {
      return 3;
    }
    if (level.intValue() >= Level.WARNING.intValue()) {
      return 4;
    }
    return level.intValue() >= Level.INFO.intValue() ? 6 : 7;
  }

  private static String name(Level level) {
    return switch (priority(level)) {
      case 3 -> "error";
      case 4 -> "warning";
      case 6 -> "info";
      default -> "debug";
    };
  }
}
