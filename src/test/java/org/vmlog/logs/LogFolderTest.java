package org.vmlog.logs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vmlog.record.LineFormat;
import org.vmlog.testing.WrittenLog;

/** What is read of a log's files, in whatever state they are. */
class LogFolderTest {
  @TempDir Path temp;

  private final List<String> leftOut = new ArrayList<>();
  private Path folder;
  private Path files;

  @BeforeEach
  void makeFolder() throws IOException {
    folder = temp.resolve("logs");
    files = Files.createDirectories(folder.resolve("o"));
  }

  @Test
  void open_ofGarbageForAFile_namesItAndReadsTheOthers() throws IOException {
    Files.write(files.resolve("vm.log.2.gz"), new byte[20]);
    Files.writeString(files.resolve("vm.log.1"), "b\n");
    Files.writeString(files.resolve("vm.log"), "c\n");

    assertThat(read()).containsExactly("b", "c");
    assertThat(leftOut).containsExactly("vm.log.2.gz");
  }

  @Test
  void open_ofGzipThatIsCut_readsWhatIsThere() throws IOException {
    StringBuilder text = new StringBuilder();
    Random random = new Random(3);
    for (int i = 0; i < 2000; i++) {
      text.append(i).append(' ').append(random.nextLong()).append('\n');
    }
    byte[] whole = gzip(text.toString());
    Files.write(files.resolve("vm.log.2.gz"), Arrays.copyOf(whole, whole.length / 2));
    Files.writeString(files.resolve("vm.log"), "last\n");

    List<String> lines = read();

    assertThat(text.toString()).startsWith(String.join("\n", lines.subList(0, 500)));
    assertThat(lines).endsWith("last");
    assertThat(leftOut).containsExactly("vm.log.2.gz");
  }

  @Test
  void open_ofSeveralGzipMembers_readsAll() throws IOException {
    ByteArrayOutputStream members = new ByteArrayOutputStream();
    for (String one : List.of("a\n", "b\nc\n", "", "d\n")) {
      members.writeBytes(gzip(one));
    }
    Files.write(files.resolve("vm.log.2.gz"), members.toByteArray());

    assertThat(read()).containsExactly("a", "b", "c", "d");
    assertThat(leftOut).isEmpty();
  }

  @Test
  void open_whileAFileIsCompressed_readsItOnce() throws IOException {
    Files.writeString(files.resolve("vm.log.2"), "a\n");
    Files.write(files.resolve("vm.log.gz.new"), Arrays.copyOf(gzip("a\n"), 12));
    assertThat(read()).containsExactly("a");

    Files.write(files.resolve("vm.log.2.gz"), gzip("a\n")); // and the plain one is not gone yet
    assertThat(read()).containsExactly("a");

    Files.delete(files.resolve("vm.log.2"));
    assertThat(read()).containsExactly("a");
    assertThat(leftOut).isEmpty();
  }

  @Test
  void open_ofAFileThatIsRenamed_isItsTextWhateverItIsCalled() throws IOException {
    Files.writeString(files.resolve("vm.log"), "a\n");
    try (LogText text = folder().openCurrent(log())) {
      Files.move(files.resolve("vm.log"), files.resolve("vm.log.1"));
      Files.writeString(files.resolve("vm.log"), "other\n");
      Files.writeString(files.resolve("vm.log.1"), "b\n", StandardOpenOption.APPEND);

      assertThat(text(text)).isEqualTo("a\nb\n");
      assertThat(text.modifiedAs(files.resolve("vm.log"))).isNull();
      assertThat(text.modifiedAs(files.resolve("vm.log.1"))).isNotNull();
    }
  }

  @Test
  void isTruncated_ofAFileThatNoForwarderKnows_isByItsSize() throws IOException {
    Files.writeString(files.resolve("vm.log"), "abc\n");
    try (LogText text = folder().openCurrent(log())) {
      assertThat(text.isTruncated(4)).isFalse();
      Files.writeString(files.resolve("vm.log"), "x\n"); // the same file
      assertThat(text.isTruncated(4)).isTrue();
    }
  }

  @Test
  void ids_ofTwoFilesThatBeginAlike_differAndStayThroughCompression() throws IOException {
    String same = "x".repeat(99) + "\n";
    List<Long> before;
    try (WrittenLog log = WrittenLog.in(folder, "o", "vm", LineFormat.RFC3164)) {
      for (int i = 0; i < 3; i++) {
        log.write(ByteBuffer.wrap(same.repeat(62).getBytes(UTF_8)));
        if (i == 0) {
          log.rotate();
        }
      }
      before = ids();
      log.rotate();
      log.write(ByteBuffer.wrap("new\n".getBytes(UTF_8)));
    }
    assertThat(files.resolve("vm.log.2.gz")).exists();
    assertThat(before).hasSize(2).doesNotHaveDuplicates();
    assertThat(ids()).hasSize(3).startsWith(before.toArray(Long[]::new));
  }

  /** The inodes in the state folder are of another folder's files. */
  @Test
  void ids_ofACopy_areNotTakenFromTheOriginalsState() throws IOException {
    try (WrittenLog log = WrittenLog.in(folder, "o", "vm", LineFormat.RFC3164)) {
      log.write(ByteBuffer.wrap("a\n".getBytes(UTF_8)));
    }
    long own = ids().get(0);
    Files.move(folder, temp.resolve("copy"));
    folder = temp.resolve("copy");
    files = folder.resolve("o");
    Object inode = Files.getAttribute(files.resolve("vm.log"), "unix:ino");

    assertThat(ids()).containsExactly((Long) inode).doesNotContain(own);
  }

  @Test
  void logs_ofAFolderThatIsRemoved_areNoneUntilItIsThereAgain() throws IOException {
    LogFolder opened = folder();
    Files.delete(files);
    Files.delete(folder);
    assertThat(opened.logs()).isEmpty();
    Files.createDirectories(files);
    Files.writeString(files.resolve("vm.log"), "a\n");
    assertThat(opened.logs()).hasSize(1);
  }

  @Test
  void open_withADamagedNoteOfWhereIdsAre_isAsWithoutOne() throws IOException {
    Files.writeString(files.resolve("vm.log"), "a\n");
    Files.writeString(folder.resolve(".ids"), folder.toRealPath() + "\n/var\0\n");

    assertThat(read()).containsExactly("a");
    assertThat(leftOut).isEmpty();
  }

  @Test
  void open_byAReaderThatIsInterrupted_endsItAndBlamesNoFile() throws IOException {
    Files.writeString(files.resolve("vm.log"), "a\n");
    LogFolder opened = folder();
    VmLog log = log();
    Thread.currentThread().interrupt();
    try {
      assertThatThrownBy(() -> opened.open(log)).isInstanceOf(ClosedByInterruptException.class);
      assertThatThrownBy(() -> opened.openCurrent(log))
          .isInstanceOf(ClosedByInterruptException.class);
    } finally {
      assertThat(Thread.interrupted()).isTrue();
    }
    assertThat(leftOut).isEmpty();
  }

  private LogFolder folder() throws IOException {
    return LogFolder.open(folder, (path, cause) -> leftOut.add(path.getFileName().toString()));
  }

  private VmLog log() throws IOException {
    return folder().logs().get(0);
  }

  private List<Long> ids() throws IOException {
    List<LogText> open = folder().open(log());
    LogFolder.closeAll(open);
    return open.stream().map(LogText::id).toList();
  }

  /** All whole lines. */
  private List<String> read() throws IOException {
    List<LogText> open = folder().open(log());
    List<String> lines = new ArrayList<>();
    for (LogText one : open) {
      String text = text(one);
      lines.addAll(text.substring(0, text.lastIndexOf('\n') + 1).lines().toList());
      if (one.damage() != null) {
        leftOut.add(one.listed().path().getFileName().toString());
      }
    }
    LogFolder.closeAll(open);
    return lines;
  }

  private static String text(LogText one) throws IOException {
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    byte[] block = new byte[100];
    for (int n = one.read(0, block, 0, 100); n > 0; n = one.read(text.size(), block, 0, 100)) {
      text.write(block, 0, n);
    }
    return text.toString(UTF_8);
  }

  private static byte[] gzip(String text) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
      gzip.write(text.getBytes(UTF_8));
    }
    return bytes.toByteArray();
  }
}
