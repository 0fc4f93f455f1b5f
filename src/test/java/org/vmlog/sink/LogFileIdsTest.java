package org.vmlog.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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

  @Test
  void gzip_anyContent_isReadByOthersToo() throws Exception {
    Random random = new Random(1);
    for (int bytes : new int[] {0, 1, 100, 1 << 16, 300_000}) {
      byte[] content = new byte[bytes];
      random.nextBytes(content);
      ByteArrayOutputStream packed = new ByteArrayOutputStream();
      try (OutputStream gzip = new IdentifiedGzip(packed, 1 << 10, -2)) {
        gzip.write(content);
      }
      assertThat(new GZIPInputStream(new ByteArrayInputStream(packed.toByteArray())).readAllBytes())
          .isEqualTo(content);
      assertThat(headerId(packed.toByteArray())).hasValue(-2);
      Path file = Files.write(temp.resolve("x.gz"), packed.toByteArray());
      Process test = new ProcessBuilder("gzip", "-t", file.toString()).inheritIO().start();
      assertThat(test.waitFor()).isZero();
    }
  }

  @Test
  void headerId_otherSubfieldsOrNone_findsOursOnly() throws IOException {
    String head = "1f8b0804000000000003";
    assertThat(
            headerId(
                head + "1200" + "5858" + "0200" + "ffff" + "564d" + "0800" + "0700000000000000"))
        .hasValue(7);
    assertThat(headerId(head + "0600" + "5858" + "0200" + "ffff")).isEmpty();
    assertThat(headerId(head + "0600" + "564d" + "0200" + "ffff")).isEmpty();
    assertThat(headerId(head + "0600" + "564d" + "ffff" + "ffff")).isEmpty();
    assertThat(headerId(head + "0000")).isEmpty();
    assertThat(headerId("1f8b0800000000000003")).isEmpty();
    assertThatThrownBy(() -> headerId(head + "0600" + "56")).isInstanceOf(IOException.class);
    assertThatThrownBy(() -> headerId("1f")).isInstanceOf(IOException.class);
    assertThatThrownBy(() -> headerId("504b0304000000000000")).isInstanceOf(IOException.class);
  }

  private static OptionalLong headerId(String hex) throws IOException {
    return headerId(HexFormat.of().parseHex(hex));
  }

  private static OptionalLong headerId(byte[] gzip) throws IOException {
    return IdentifiedGzip.id(new ByteArrayInputStream(gzip));
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
