package org.vmlog.ship;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.vmlog.platform.PrivateFolder;
import org.vmlog.platform.WholeFile;

/**
 * Keeps the cursors of all logs in one file, which is always whole: text, a line {@code LOG FILE
 * OFFSET SEEN} each, between a first line that names the format and a last that counts the others.
 * Not synced: after a loss of power an older one may be there, and some records are sent again.
 *
 * <p>The group may read it: the forwarder does, to keep what is not shipped yet. Confined to one
 * thread.
 */
final class CursorStore {
  static final String FILE = "cursors";

  private static final String HEAD = "vmlog-ship cursors 1";
  private static final Pattern ROW =
      Pattern.compile("(\\S+) ([0-9a-f]{16}) (\\d{1,18}) (\\d{1,18})");
  private static final Pattern END = Pattern.compile("end (\\d{1,9})");
  private static final int MAX_BYTES = 256 << 20;

  private final Path directory;

  CursorStore(Path directory) {
    this.directory = directory;
  }

  /**
   * The cursors that were saved, by the paths of their sources.
   *
   * @throws IOException if they cannot be read, or are not what was saved: who deletes the file has
   *     all files sent from their beginning
   */
  Map<String, Cursor> load() throws IOException {
    try (PrivateFolder folder = PrivateFolder.open(directory, List.of())) {
      Optional<byte[]> found = WholeFile.read(folder, FILE, MAX_BYTES);
      return found.isEmpty()
          ? new TreeMap<>()
          : parse(new String(found.get(), StandardCharsets.US_ASCII));
    }
  }

  void save(Map<String, Cursor> cursors) throws IOException {
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
    text.append("end ").append(cursors.size()).append('\n');
    try (PrivateFolder folder = PrivateFolder.open(directory, List.of())) {
      WholeFile.replaceUnsynced(
          folder,
          FILE,
          WholeFile.Readers.GROUP,
          text.toString().getBytes(StandardCharsets.US_ASCII));
    }
  }

  private Map<String, Cursor> parse(String text) throws IOException {
    List<String> lines = text.lines().toList();
    int last = lines.size() - 1;
    Matcher end = END.matcher(last < 1 ? "" : lines.get(last));
    boolean whole =
        end.matches() && lines.get(0).equals(HEAD) && Integer.parseInt(end.group(1)) == last - 1;
    if (!whole) {
      throw damaged();
    }
    Map<String, Cursor> cursors = new TreeMap<>();
    for (String line : lines.subList(1, last)) {
      Matcher row = ROW.matcher(line);
      if (!row.matches()) {
        throw damaged();
      }
      cursors.put(
          row.group(1),
          new Cursor(
              Long.parseUnsignedLong(row.group(2), 16),
              Long.parseLong(row.group(3)),
              Long.parseLong(row.group(4))));
    }
    return cursors;
  }

  private FileSystemException damaged() {
    return new FileSystemException(
        directory.resolve(FILE).toString(),
        null,
        "is not what was saved; delete it, and all files are sent from their beginning");
  }

  private static String hex(long id) {
    String digits = Long.toHexString(id);
    return "0".repeat(16 - digits.length()) + digits;
  }
}
