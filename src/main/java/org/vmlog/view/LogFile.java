package org.vmlog.view;

import java.nio.file.Path;
import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/**
 * A name of one of a log's files.
 *
 * @param number 0 for the file that is written to, and the higher the older
 */
record LogFile(Path path, String stem, int number, boolean gzip) {
  private static final String LOG = ".log";
  private static final String GZ = ".gz";
  private static final int MAX_DIGITS = 5;

  /** A compressed file beside its plain one is not whole yet, so the plain one comes first. */
  static final Comparator<LogFile> NEWEST_FIRST =
      Comparator.comparingInt((LogFile file) -> file.number()).thenComparing(LogFile::gzip);

  /**
   * Takes {@code x.log}, {@code x.log.1}, {@code x.log.2.gz} apart; null if it is none of these.
   * The stem may itself end in {@code .log.1}.
   */
  static @Nullable LogFile of(Path path) {
    String name = path.getFileName().toString();
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
