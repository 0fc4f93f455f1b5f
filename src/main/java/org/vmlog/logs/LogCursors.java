package org.vmlog.logs;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The cursors of all logs as text, which a shipper saves and a forwarder reads: a line {@code LOG
 * FILE OFFSET SEEN} each, between a first line that names the format and a last that counts the
 * others. Stateless.
 */
public final class LogCursors {
  /** What the file with them is called, in the state folder of the shipper. */
  public static final String FILE = "cursors";

  /** What the file is called with those that a loss of power does not take. */
  public static final String SYNCED = "cursors.synced";

  private static final String HEAD = "vmlog-ship cursors 1";
  private static final Pattern ROW =
      Pattern.compile("(\\S+) ([0-9a-f]{16}) (\\d{1,18}) (\\d{1,18})");
  private static final Pattern END = Pattern.compile("end (\\d{1,9})");

  private LogCursors() {}

  /** Cursors by {@link LogFileName#source}, in the order of the map. */
  public static byte[] format(Map<String, LogCursor> cursors) {
    StringBuilder text = new StringBuilder(HEAD).append('\n');
    cursors.forEach(
        (log, cursor) ->
            text.append(log)
                .append(' ')
                .append(hex(cursor.file()))
                .append(' ')
                .append(cursor.offset())
                .append(' ')
                .append(cursor.seen())
                .append('\n'));
    return text.append("end ").append(cursors.size()).append('\n').toString().getBytes(US_ASCII);
  }

  /** What {@link #format} was given; empty when this is not what it made, or not all of it. */
  public static Optional<Map<String, LogCursor>> parse(byte[] text) {
    List<String> lines = new String(text, US_ASCII).lines().toList();
    int last = lines.size() - 1;
    Matcher end = END.matcher(last < 1 ? "" : lines.get(last));
    boolean whole =
        end.matches() && lines.get(0).equals(HEAD) && Integer.parseInt(end.group(1)) == last - 1;
    if (!whole) {
      return Optional.empty();
    }
    Map<String, LogCursor> cursors = new TreeMap<>();
    for (String line : lines.subList(1, last)) {
      Matcher row = ROW.matcher(line);
      if (!row.matches()) {
        return Optional.empty();
      }
      cursors.put(
          row.group(1),
          new LogCursor(
              Long.parseUnsignedLong(row.group(2), 16),
              Long.parseLong(row.group(3)),
              Long.parseLong(row.group(4))));
    }
    return Optional.of(cursors);
  }

  private static String hex(long id) {
    String digits = Long.toHexString(id);
    return "0".repeat(16 - digits.length()) + digits;
  }
}
