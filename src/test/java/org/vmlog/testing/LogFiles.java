package org.vmlog.testing;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;

/**
 * Reads one log with everything that was rotated out of it. Not while it is being rotated: names
 * shift then.
 */
public final class LogFiles {
  private static final Pattern DROPPED = Pattern.compile(" (\\d+) records dropped \\(");

  /** What the forwarder itself says in a log: facility syslog(5), severity warning. */
  private static final String FORWARDERS_OWN = "<44>";

  private LogFiles() {}

  /**
   * The log's files, the oldest first: {@code x.log.3.gz}, {@code x.log.2.gz}, …, {@code x.log}.
   */
  public static List<Path> of(Path log) {
    List<Path> newestFirst = new ArrayList<>();
    if (Files.exists(log)) {
      newestFirst.add(log);
    }
    for (int n = 1; ; n++) {
      Path plain = log.resolveSibling(log.getFileName() + "." + n);
      Path gzip = log.resolveSibling(log.getFileName() + "." + n + ".gz");
      if (Files.exists(plain)) {
        newestFirst.add(plain);
      } else if (Files.exists(gzip)) {
        newestFirst.add(gzip);
      } else {
        List<Path> oldestFirst = new ArrayList<>();
        newestFirst.forEach(file -> oldestFirst.add(0, file));
        return oldestFirst;
      }
    }
  }

  /** All lines, the oldest first. None when there is no such log yet. */
  public static List<String> lines(Path log) throws IOException {
    List<String> lines = new ArrayList<>();
    forEachLine(log, lines::add);
    return lines;
  }

  /** The same without holding all of them. */
  public static void forEachLine(Path log, Consumer<String> line) throws IOException {
    for (Path file : of(log)) {
      try (BufferedReader reader =
          new BufferedReader(new InputStreamReader(open(file), StandardCharsets.UTF_8))) {
        for (String next = reader.readLine(); next != null; next = reader.readLine()) {
          line.accept(next);
        }
      }
    }
  }

  private static InputStream open(Path file) throws IOException {
    InputStream raw = Files.newInputStream(file);
    return file.toString().endsWith(".gz") ? new GZIPInputStream(raw, 1 << 16) : raw;
  }

  /** Whether these are the file's last bytes, also while it is written to. */
  public static boolean endsWith(Path file, String text) throws IOException {
    byte[] expected = text.getBytes(StandardCharsets.UTF_8);
    byte[] last = new byte[expected.length];
    if (!Files.exists(file) || Files.size(file) < last.length) {
      return false;
    }
    try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "r")) {
      bytes.seek(bytes.length() - last.length);
      bytes.readFully(last);
    }
    return Arrays.equals(last, expected);
  }

  /** Whether the file is empty or its last byte is a newline. */
  public static boolean endsOnLine(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    return bytes.length == 0 || bytes[bytes.length - 1] == '\n';
  }

  /**
   * The numbers in which a source's lines end, {@code … TEXT NUMBER}; the forwarder's own lines are
   * passed over.
   */
  public static List<Integer> numbers(Path log) throws IOException {
    List<Integer> numbers = new ArrayList<>();
    forEachLine(
        log,
        line -> {
          if (!line.startsWith(FORWARDERS_OWN)) {
            numbers.add(Integer.valueOf(line.substring(line.lastIndexOf(' ') + 1)));
          }
        });
    return numbers;
  }

  /** How many records these lines stand for: one each, and those that a line counts as dropped. */
  public static long records(List<String> lines) {
    long all = 0;
    for (String line : lines) {
      Matcher drop = DROPPED.matcher(line);
      if (drop.find()) {
        all += Long.parseLong(drop.group(1));
      } else if (!line.contains(" records cut (")) {
        all++;
      }
    }
    return all;
  }
}
