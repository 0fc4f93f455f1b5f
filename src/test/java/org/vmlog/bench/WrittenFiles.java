package org.vmlog.bench;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * What a server has written: each host's file is to hold the lines of that host's messages, each as
 * often as it was sent, and nothing else. Confined to one thread.
 */
final class WrittenFiles {
  /** How long nothing more may come before what is missing counts as lost. */
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final Case of;
  private final Server server;

  WrittenFiles(Case of, Server server) {
    this.of = of;
    this.server = server;
  }

  /** Waits until so many messages' lines are in the files, and looks at nothing but their sizes. */
  void await(int messages) throws IOException, InterruptedException {
    double seen = 0;
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    for (double found = messages(); found < messages; found = messages()) {
      if (found > seen) {
        seen = found;
        deadline = System.nanoTime() + PATIENCE.toNanos();
      } else if (System.nanoTime() > deadline) {
        throw new IOException(
            "%s: of %d messages' lines %.1f are in the files like %s"
                .formatted(of.name(), messages, found, server.log(0)));
      }
      TimeUnit.MICROSECONDS.sleep(500);
    }
  }

  private double messages() throws IOException {
    double messages = 0;
    for (int host = 0; host < of.hosts(); host++) {
      Path log = server.log(host);
      messages += Files.exists(log) ? (double) Files.size(log) / of.written(host).length : 0;
    }
    return messages;
  }

  /**
   * Compares every line with what was sent, then makes the files empty. Not their order: rsyslog
   * reads one connection on two threads.
   */
  void checkAndEmpty(int messages) throws IOException {
    long found = 0;
    for (int host = 0; host < of.hosts(); host++) {
      Path log = server.log(host);
      if (Files.exists(log)) {
        found += check(log, of.written(host));
        FileChannel.open(log, StandardOpenOption.WRITE).truncate(0).close();
      }
    }
    if (found != messages) {
      throw new IOException(
          "%s: %d messages were sent, the lines of %d are in the files"
              .formatted(of.name(), messages, found));
    }
  }

  /** How many messages there are in a log, of which every line is there as often as it was sent. */
  private static long check(Path log, byte[] message) throws IOException {
    List<byte[]> lines = distinctLines(message);
    long[] found = new long[lines.size()];
    byte[] read = new byte[lines.get(0).length];
    int at = 0;
    try (InputStream in = new BufferedInputStream(Files.newInputStream(log), 1 << 16)) {
      for (int n = in.readNBytes(read, 0, read.length);
          n > 0;
          n = in.readNBytes(read, 0, read.length)) {
        int tried = 0;
        while (!Arrays.equals(read, 0, n, lines.get(at), 0, read.length)) {
          at = (at + 1) % found.length;
          if (++tried > found.length) {
            throw new IOException(log + " has a line that nobody sent");
          }
        }
        found[at]++;
      }
    }
    long messages = Arrays.stream(found).sum() * read.length / message.length;
    if (Arrays.stream(found).distinct().count() > 1) {
      throw new IOException(log + " has some lines more often than others: " + messages);
    }
    return messages;
  }

  /** They are of one length; a second's records look all the same. */
  private static List<byte[]> distinctLines(byte[] message) {
    return new String(message, StandardCharsets.US_ASCII)
        .lines()
        .distinct()
        .map(line -> (line + "\n").getBytes(StandardCharsets.US_ASCII))
        .toList();
  }
}
