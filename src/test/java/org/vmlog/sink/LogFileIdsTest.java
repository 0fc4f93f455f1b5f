package org.vmlog.sink;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vmlog.logs.Layout;
import org.vmlog.logs.LogFileIds;
import org.vmlog.logs.LogFileName;

/** Ids of log files, as another program reads them. */
class LogFileIdsTest {
  private static final LogFileName NAME = new LogFileName(List.of("alice"), "web");

  @TempDir Path temp;

  @Test
  void of_fileThatIsRotatedAndCompressed_staysTheSame() throws IOException {
    try (VmLogFile file = file()) {
      write(file, "first\n");
      long first = id("web.log");
      write(file, "second\n");
      long second = id("web.log");
      assertThat(id("web.log.1")).isEqualTo(first);
      write(file, "third\n");
      assertThat(id("web.log.2.gz")).isEqualTo(first);
      assertThat(id("web.log.1")).isEqualTo(second);
      assertThat(Set.of(first, second, id("web.log"))).hasSize(3);
    }
    assertThat(unpacked("web.log.2.gz")).isEqualTo("first\n");
  }

  @Test
  void of_afterARestart_staysTheSame() throws IOException {
    long before;
    try (VmLogFile file = file()) {
      write(file, "first\n");
      before = id("web.log");
    }
    try (VmLogFile file = file()) {
      file.reopen();
      assertThat(id("web.log")).isEqualTo(before);
      write(file, "second\n");
      assertThat(id("web.log.1")).isEqualTo(before);
    }
  }

  /** A file system gives the inode of a removed file to the next. */
  @Test
  void of_newFilesAllTheTime_areNeverTheSame() throws IOException {
    Set<Long> ids = new HashSet<>();
    for (int i = 0; i < 20; i++) {
      try (VmLogFile file = file()) {
        write(file, "x\n");
        ids.add(id("web.log"));
      }
      Files.delete(log("web.log"));
    }
    assertThat(ids).hasSize(20);
  }

  /** Files of a version that gave none get theirs when they are found. */
  @Test
  void of_filesThatHadNone_haveOneOnceTheLogIsOpened() throws IOException {
    Files.createDirectories(log("web.log").getParent());
    Files.writeString(log("web.log"), "current\n");
    Files.writeString(log("web.log.1"), "rotated\n");
    try (OutputStream gzip = new GZIPOutputStream(Files.newOutputStream(log("web.log.2.gz")))) {
      gzip.write("compressed\n".getBytes(StandardCharsets.US_ASCII));
    }
    LogFileIds ids = new LogFileIds(temp.resolve("state"));
    assertThat(ids.of(NAME, log("web.log"))).isEmpty();
    try (VmLogFile file = file()) {
      file.reopen();
      assertThat(id("web.log")).isNotEqualTo(id("web.log.1"));
      assertThat(ids.of(NAME, log("web.log.2.gz"))).isEmpty();
    }
  }

  @Test
  void of_tableIsGarbage_isNone() throws IOException {
    try (VmLogFile file = file()) {
      write(file, "first\n");
    }
    Path table = temp.resolve("state/logs/alice/web.ids");
    Files.writeString(table, "-1 12\n\0\n12345678901234567890123 0123456789abcdef\nx");

    assertThat(new LogFileIds(temp.resolve("state")).of(NAME, log("web.log"))).isEmpty();
    try (VmLogFile file = file()) {
      write(file, "second\n");
      assertThat(id("web.log")).isNotEqualTo(id("web.log.1"));
    }
  }

  private long id(String file) throws IOException {
    return new LogFileIds(temp.resolve("state")).of(NAME, log(file)).orElseThrow();
  }

  private Path log(String file) {
    return temp.resolve("logs/alice").resolve(file);
  }

  private String unpacked(String file) throws IOException {
    try (GZIPInputStream gzip = new GZIPInputStream(Files.newInputStream(log(file)))) {
      return new String(gzip.readAllBytes(), StandardCharsets.US_ASCII);
    }
  }

  /** As a new process finds it; each line rotates the one before away. */
  private VmLogFile file() throws IOException {
    LogDirectory directory =
        LogDirectory.open(temp.resolve("logs"), Layout.PLAIN, temp.resolve("state"));
    return new VmLogFile(
        Quotas.none(directory, 9),
        NAME,
        new LogRotation(Duration.ofDays(1), () -> 8L, java.time.Instant::now, System::nanoTime),
        new LogSync(SyncMode.NEVER, System::nanoTime),
        new LogCompressor(Runnable::run));
  }

  private static void write(VmLogFile file, String line) {
    assertThat(file.write(Lines.buffers(line)).bytes()).isEqualTo(line.length());
  }
}
