package org.vmlog.sink;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vmlog.identity.VmId;
import org.vmlog.logs.Layout;
import org.vmlog.logs.LogFileName;
import org.vmlog.sink.WriteResult.Complete;
import org.vmlog.sink.WriteResult.Failed;
import org.vmlog.testing.Await;

class VmLogFileTest extends LineSinkContract {
  private static final VmId VM = new VmId("alice", "web-1");

  @TempDir Path temp;
  private final List<LineSink> sinks = new ArrayList<>();
  private LogFileName name;
  private Path logs;
  private Path path;

  @BeforeEach
  void nameFile() {
    logs = temp.resolve("logs");
    name = new LogFileNaming(Layout.PLAIN, logs, temp).file(VM);
    path = logs.resolve("alice/web-1.log");
  }

  @AfterEach
  void closeSinks() {
    sinks.forEach(LineSink::close);
  }

  @Override
  LineSink sink() throws IOException {
    RotationPolicy policy = new RotationPolicy(1 << 30, Duration.ofDays(1), 5, true);
    LineSink sink =
        new VmLogFile(
            Quotas.none(
                LogDirectory.open(logs, Layout.PLAIN, logs.resolve(".state")), policy.keep()),
            name,
            policy,
            SyncMode.NEVER,
            new LogCompressor(Runnable::run));
    sinks.add(sink);
    return sink;
  }

  @Override
  List<String> received() throws IOException {
    return Files.exists(path) ? Files.readAllLines(path) : List.of();
  }

  /** An unwritable folder would not hold up root; a directory in the file's place does. */
  @Override
  void breakReceiver() throws IOException {
    Files.move(path, temp.resolve("aside"));
    Files.createDirectory(path);
    sinks.forEach(LineSink::reopen);
  }

  @Override
  void mendReceiver() throws IOException {
    Files.delete(path);
    Files.move(temp.resolve("aside"), path);
  }

  @Test
  void new_beforeTheFirstWrite_opensNothing() throws Exception {
    sink();

    assertThat(path.getParent()).doesNotExist();
  }

  @Test
  void write_firstTime_makesFolder0750AndFile0640() throws Exception {
    sink().write(Lines.buffers("x\n"));

    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path.getParent())))
        .isEqualTo("rwxr-x---");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
        .isEqualTo("rw-r-----");
  }

  @Test
  void write_fileRemoved_goesToANewOneWithinSeconds() throws Exception {
    LineSink sink = sink();
    sink.write(Lines.buffers("one\n"));
    Files.delete(path);

    Await.until(
        "there is a new file",
        () -> sink.write(Lines.buffers("two\n")) instanceof Complete && Files.exists(path));
    sink.write(Lines.buffers("three\n"));

    assertThat(path).hasContent("two\nthree\n");
  }

  @Test
  void write_folderMovedAndMadeAnew_goesToAFileInTheNewOneWithinSeconds() throws Exception {
    LineSink sink = sink();
    sink.write(Lines.buffers("one\n"));
    Files.move(path.getParent(), temp.resolve("moved"));
    Files.createDirectory(path.getParent());

    Await.until(
        "there is a new file",
        () -> sink.write(Lines.buffers("two\n")) instanceof Complete && Files.exists(path));

    assertThat(path).hasContent("two\n");
    assertThat(temp.resolve("moved/web-1.log")).content().startsWith("one\n");
  }

  @Test
  void write_fileThere_appends() throws Exception {
    plant("old\n");

    sink().write(Lines.buffers("new\n"));

    assertThat(path).hasContent("old\nnew\n");
  }

  @Test
  void write_tornTail_isCutBackToItsLastNewline() throws Exception {
    plant("one\ntwo\nthr");

    sink().write(Lines.buffers("three\n"));

    assertThat(path).hasContent("one\ntwo\nthree\n");
  }

  @Test
  void write_tornTailOfManyBlocks_isCut() throws Exception {
    plant("one\n" + "x".repeat(300_000));

    sink().write(Lines.buffers("two\n"));

    assertThat(path).hasContent("one\ntwo\n");
  }

  @Test
  void write_oneHugePartialLine_isCutToNothing() throws Exception {
    plant("x".repeat(300_000));

    sink().write(Lines.buffers("one\n"));

    assertThat(path).hasContent("one\n");
  }

  @Test
  void write_newlineAtABlocksEdge_isFound() throws Exception {
    for (int tail : new int[] {65_535, 65_536, 65_537}) {
      plant("one\n" + "x".repeat(tail));
      LineSink sink = sink();
      sink.write(Lines.buffers("two\n"));
      sink.close();

      assertThat(path).as("tail of %s", tail).hasContent("one\ntwo\n");
    }
  }

  @Test
  void write_symbolicLinkInTheWay_failsNamingItAndTargetStays() throws Exception {
    Path target = Files.writeString(temp.resolve("target"), "torn");
    Files.createDirectories(path.getParent());
    Files.createSymbolicLink(path, target);

    WriteResult result = sink().write(Lines.buffers("x\n"));

    assertThat(result).isInstanceOf(Failed.class);
    assertThat(((Failed) result).cause())
        .isInstanceOf(FileSystemException.class)
        .hasMessageStartingWith(path + ": is a symbolic link");
    assertThat(target).hasContent("torn");
  }

  @Test
  void reopen_fileRemoved_makesANewOne() throws Exception {
    LineSink sink = sink();
    sink.write(Lines.buffers("one\n"));
    Files.move(path, temp.resolve("taken"));
    sink.write(Lines.buffers("two\n"));
    sink.reopen();
    sink.write(Lines.buffers("three\n"));

    assertThat(temp.resolve("taken")).hasContent("one\ntwo\n");
    assertThat(path).hasContent("three\n");
  }

  @Test
  void reopen_folderRemoved_makesItAgain() throws Exception {
    LineSink sink = sink();
    sink.write(Lines.buffers("one\n"));
    Files.delete(path);
    Files.delete(path.getParent());
    sink.reopen();

    assertThat(sink.write(Lines.buffers("two\n"))).isEqualTo(new Complete(4));
    assertThat(path).hasContent("two\n");
  }

  @Test
  void write_fileClosedByAnInterrupt_opensItAnew() throws Exception {
    LineSink sink = sink();
    sink.write(Lines.buffers("one\n"));
    Thread.currentThread().interrupt();
    assertThat(sink.write(Lines.buffers("two\n")).bytes()).isZero();
    assertThat(Thread.interrupted()).isTrue();

    assertThat(sink.write(Lines.buffers("two\n"))).isEqualTo(new Complete(4));
    assertThat(path).hasContent("one\ntwo\n");
  }

  @Test
  void device_beforeAndAfterOpening_isTheFileSystems() throws Exception {
    LineSink sink = sink();

    assertThat(sink.device()).isEqualTo(Files.getAttribute(logs, "unix:dev"));
    sink.write(Lines.buffers("one\n"));
    assertThat(sink.device()).isEqualTo(Files.getAttribute(path, "unix:dev"));
  }

  private void plant(String content) throws IOException {
    Files.createDirectories(path.getParent());
    Files.writeString(path, content);
  }
}
