package org.vmlog.sink;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.vmlog.logs.Layout;
import org.vmlog.logs.LogFileName;

/** A folder of logs in the plain layout, all of one owner, with quotas. */
final class LogFolder {
  private static final String OWNER = "alice";

  final Path owner;
  private final Path path;
  private final int keep;
  private DiskQuota quota;

  private LogFolder(Path path, int keep, DiskQuota quota) {
    this.path = path;
    this.keep = keep;
    this.quota = quota;
    this.owner = path.resolve(OWNER);
  }

  static LogFolder open(Path path, QuotaPolicy policy, int keep) throws IOException {
    return new LogFolder(
        path,
        keep,
        DiskQuota.open(
            LogDirectory.open(path, Layout.PLAIN, path.resolve(".state")), policy, keep));
  }

  /** As a new process finds it, with other quotas. */
  void restart(QuotaPolicy policy) throws IOException {
    quota =
        DiskQuota.open(LogDirectory.open(path, Layout.PLAIN, path.resolve(".state")), policy, keep);
  }

  DiskQuota quota() {
    return quota;
  }

  static LogFileName name(String stem) {
    return new LogFileName(List.of(OWNER), stem);
  }

  VmLogFile file(String stem, long maxSize) {
    return file(stem, maxSize, null);
  }

  /** With compression when there is something to run it. */
  VmLogFile file(String stem, long maxSize, @Nullable Executor background) {
    RotationPolicy policy =
        new RotationPolicy(maxSize, Duration.ofDays(1), keep, background != null);
    Executor executor = background == null ? Runnable::run : background;
    return new VmLogFile(quota, name(stem), policy, SyncMode.NEVER, new LogCompressor(executor));
  }

  /** Puts a file there that was last written to so long ago. */
  static void plant(Path folder, String file, int bytes, Duration age) throws IOException {
    Files.createDirectories(folder);
    Path planted = Files.writeString(folder.resolve(file), "x".repeat(bytes - 1) + "\n");
    Files.setLastModifiedTime(planted, FileTime.from(Instant.now().minus(age)));
  }

  void plant(String file, int bytes, Duration age) throws IOException {
    plant(owner, file, bytes, age);
  }

  /** Every file and its size. */
  Map<String, Long> sizes() {
    Map<String, Long> sizes = new TreeMap<>();
    try (var files = Files.newDirectoryStream(owner)) {
      for (Path file : files) {
        sizes.put(file.getFileName().toString(), Files.size(file));
      }
    } catch (NoSuchFileException e) {
      return sizes;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return sizes;
  }

  /** What all files take. */
  long bytes() {
    return sizes().values().stream().mapToLong(Long::longValue).sum();
  }

  /** What the files of one log take. */
  long bytes(String stem) {
    return sizes().entrySet().stream()
        .filter(file -> file.getKey().startsWith(stem + ".log"))
        .mapToLong(Map.Entry::getValue)
        .sum();
  }

  /** Writes one line of so many bytes. */
  static WriteResult write(VmLogFile file, int bytes) {
    return file.write(Lines.of(List.of("x".repeat(bytes - 1))));
  }

  /** Writes so many lines, all of which have to be taken. */
  static void write(VmLogFile file, int lines, int bytes) {
    for (int i = 0; i < lines; i++) {
      assertThat(write(file, bytes)).isEqualTo(new WriteResult.Complete(bytes));
    }
  }
}
