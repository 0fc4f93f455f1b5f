package org.vmlog.sink;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.List;
import org.vmlog.platform.PrivateFolder;

/**
 * The names of one log: {@code x.log}, its rotated files {@code x.log.1} to {@code x.log.keep} of
 * which some are {@code .gz}, and the unfinished {@code x.log.new} and {@code x.log.gz.new}; and
 * moving files from one number to the next. Its methods that touch a folder are guarded by the lock
 * of the {@link RotatedFiles}.
 *
 * @param current the name of the file that is written to
 */
record RotatedNames(String current, int keep) {

  /** The file that takes the current one's place. */
  String unfinished() {
    return current + ".new";
  }

  /** Where to write a compressed file until it is whole. */
  String unfinishedGzip() {
    return current + ".gz.new";
  }

  String plain(int n) {
    return current + "." + n;
  }

  String gzip(int n) {
    return plain(n) + ".gz";
  }

  /** Whatever is not compressed has one of these names. */
  List<String> allPlain(int highest) {
    List<String> plain = new ArrayList<>(List.of(current, unfinished()));
    for (int n = 1; n <= highest; n++) {
      plain.add(plain(n));
    }
    return plain;
  }

  /**
   * Moves files up by one, from the lowest free number down, so that {@code .log.1} is free. A gap
   * that a failed shift left is filled before anything is dropped.
   */
  void makeRoom(PrivateFolder folder) throws IOException {
    int free = lowestFree(folder);
    if (free == keep) {
      delete(folder, keep);
    }
    for (int n = free - 1; n >= 1; n--) {
      renameIfThere(folder, plain(n), plain(n + 1));
      renameIfThere(folder, gzip(n), gzip(n + 1));
    }
  }

  /** What {@link #makeRoom} would remove now. */
  List<String> pushedOut(PrivateFolder folder) throws IOException {
    return lowestFree(folder) == keep ? List.of(plain(keep), gzip(keep)) : List.of();
  }

  /** The last, if all are taken. */
  private int lowestFree(PrivateFolder folder) throws IOException {
    int free = 1;
    while (free < keep && isTaken(folder, free)) {
      free++;
    }
    return free;
  }

  /** Removes what is unfinished, both plain and compressed, or past what is kept. */
  void tidy(PrivateFolder folder) throws IOException {
    folder.delete(unfinished());
    folder.delete(unfinishedGzip());
    for (int n = 1; n <= keep; n++) {
      if (folder.stat(plain(n)) != null) {
        folder.delete(gzip(n));
      }
    }
    for (int n = keep + 1; delete(folder, n); n++) {}
  }

  /** Whether a file has this number. */
  boolean isTaken(PrivateFolder folder, int n) throws IOException {
    return folder.stat(plain(n)) != null || folder.stat(gzip(n)) != null;
  }

  private boolean delete(PrivateFolder folder, int n) throws IOException {
    boolean plain = folder.delete(plain(n));
    boolean gzip = folder.delete(gzip(n));
    return plain || gzip;
  }

  private static void renameIfThere(PrivateFolder folder, String from, String to)
      throws IOException {
    try {
      folder.rename(from, to);
    } catch (NoSuchFileException e) {
      // A file is either plain or compressed.
    }
  }
}
