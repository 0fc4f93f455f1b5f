package org.vmlog.ship;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.vmlog.logs.Layout;
import org.vmlog.logs.LogFileName;

/**
 * Whose lines are in a log. Immutable.
 *
 * @param path owner and name as they are in the files' names, {@code owner/name}: unique on this
 *     host, and without characters that would have to be escaped
 * @param owner as the launcher said it; as in the path, if that was too long for a file's name
 * @param name likewise
 */
public record LogSource(String path, String owner, String name) {
  private static final String CHROMEOS_FOLDER = "log";

  /** The source of a log of this name. */
  static LogSource of(Layout layout, LogFileName log) {
    List<String> folders = log.folders();
    boolean chromeos = layout == Layout.CHROMEOS && folders.size() == 2;
    String path = log.source(layout);
    String owner = path.substring(0, path.lastIndexOf('/'));
    return chromeos
        ? new LogSource(path, owner, base64Decoded(log.stem()))
        : new LogSource(path, percentDecoded(owner), percentDecoded(log.stem()));
  }

  /** The log that has a source of this path. */
  static LogFileName log(Layout layout, String path) {
    List<String> folders = new ArrayList<>(List.of(path.split("/", -1)));
    String stem = folders.remove(folders.size() - 1);
    if (layout == Layout.CHROMEOS && folders.size() == 1 && !path.startsWith("@")) {
      folders.add(CHROMEOS_FOLDER);
    }
    return new LogFileName(folders, stem);
  }

  /** What has a {@code ~} was cut, and cannot be told. */
  private static String percentDecoded(String part) {
    boolean cut = part.indexOf('~') >= 0;
    try {
      return cut ? part : URLDecoder.decode(part.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      return part;
    }
  }

  private static String base64Decoded(String part) {
    try {
      return new String(Base64.getUrlDecoder().decode(part), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      return part;
    }
  }
}
