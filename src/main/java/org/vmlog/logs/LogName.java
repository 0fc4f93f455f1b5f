package org.vmlog.logs;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.vmlog.platform.OneLine;

/**
 * Whose log it is, as people say it: the VM's owner and name, decoded from the file's path. What is
 * not a VM's has an owner that no VM can have: {@code @host}, or {@code @realms/} and the realm's
 * path. Immutable.
 *
 * @param host on which it is; empty if that is this one
 */
public record LogName(String host, String owner, String name) {
  /** On this host. */
  public LogName(String owner, String name) {
    this("", owner, name);
  }

  /** From the file names of the plain layout. */
  static LogName plain(String folder, String stem) {
    return new LogName(percentDecoded(folder), percentDecoded(stem));
  }

  /** From those of the chromeos layout. A stem that is no base64 stands for itself. */
  static LogName chromeos(String folder, String stem) {
    try {
      byte[] name = Base64.getUrlDecoder().decode(stem);
      return new LogName(folder, new String(name, StandardCharsets.UTF_8));
    } catch (IllegalArgumentException e) {
      return new LogName(folder, stem);
    }
  }

  /**
   * From the path of its log below the folder of all logs, {@code owner/name.log} or, in the
   * chromeos layout, {@code owner/log/name.log}; that of no VM begins with {@code @} in both.
   */
  public static LogName ofPath(String path) {
    int slash = Math.max(0, path.lastIndexOf('/'));
    String folder = path.substring(0, slash);
    String file = path.substring(Math.min(path.length(), slash + 1));
    String stem = file.endsWith(".log") ? file.substring(0, file.length() - 4) : file;
    return folder.startsWith("@") || !folder.endsWith("/log")
        ? plain(folder, stem)
        : chromeos(folder.substring(0, folder.length() - 4), stem);
  }

  /**
   * {@code owner/name}, behind {@code host:} if it is another, on one line, harmless to a terminal.
   */
  public String shown() {
    return OneLine.of(toString());
  }

  @Override
  public String toString() {
    return (host.isEmpty() ? "" : host + ":") + owner + "/" + name;
  }

  private static String percentDecoded(String text) {
    if (text.indexOf('%') < 0) {
      return text;
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      int high = c == '%' && i + 2 < text.length() ? Character.digit(text.charAt(i + 1), 16) : -1;
      int low = high < 0 ? -1 : Character.digit(text.charAt(i + 2), 16);
      if (low < 0) {
        bytes.writeBytes(text.substring(i, i + 1).getBytes(StandardCharsets.UTF_8));
      } else {
        bytes.write(high << 4 | low);
        i += 2;
      }
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }
}
