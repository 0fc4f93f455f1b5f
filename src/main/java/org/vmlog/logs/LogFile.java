package org.vmlog.logs;

import java.nio.file.Path;
import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/**
 * A name of one of a log's files.
 *
 * @param number 0 for the file that is written to, and the higher the older; -1 for one that is
 *     still being made, or was when a process was killed
 */
public record LogFile(Path path, String stem, int number, boolean gzip) {
  /** A compressed file beside its plain one may not be whole, so the plain one comes first. */
  public static final Comparator<LogFile> NEWEST_FIRST =
      Comparator.comparingInt((LogFile file) -> file.number()).thenComparing(LogFile::gzip);

  private static final String LOG = ".log";
  private static final String GZ = ".gz";
  private static final String NEW = ".new";
  private static final int MAX_DIGITS = 5;

  /**
   * Takes {@code x.log}, {@code x.log.1}, {@code x.log.2.gz}, {@code x.log.new}, {@code
   * x.log.gz.new} apart; null if it is none of these. The stem may itself end in {@code .log.1}.
   */
  public static @Nullable LogFile of(Path path) {
    String name = path.getFileName().toString();
    if (name.endsWith(NEW)) {
      String made = name.substring(0, name.length() - NEW.length());
      boolean gzip = made.endsWith(LOG + GZ);
      String stem = gzip ? made.substring(0, made.length() - GZ.length()) : made;
      return stem.endsWith(LOG) && stem.length() > LOG.length()
          ? new LogFile(path, stem.substring(0, stem.length() - LOG.length()), -1, gzip)
          : null;
    }
    if (name.endsWith(LOG) && name.length() > LOG.length()) {
      return new LogFile(path, name.substring(0, name.length() - LOG.length()), 0, false);
    }
    boolean gzip = name.endsWith(GZ);
    String rest = gzip ? name.substring(0, name.length() - GZ.length()) : name;
    int dot = rest.lastIndexOf('.');
    int number = dot < 0 ? 0 : number(rest.substring(dot + 1));
    int stem = dot - LOG.length();
    return number > 0 && stem > 0 && rest.startsWith(LOG, stem)
        ? new LogFile(path, rest.substring(0, stem), number, gzip)
        : null;
  }

  private static int number(String digits) {
    if (digits.isEmpty() || digits.length() > MAX_DIGITS || digits.charAt(0) == '0') {
      return 0;
    }
    return digits.chars().allMatch(c -> c >= '0' && c <= '9') ? Integer.parseInt(digits) : 0;
  }
}
