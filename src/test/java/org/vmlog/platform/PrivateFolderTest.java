package org.vmlog.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.vmlog.testing.Tmpfs;

/** The timeout is for an open(2) that hangs on a FIFO: it would never end. */
@Timeout(30)
class PrivateFolderTest {
  @TempDir Path temp;
  private Path base;

  @BeforeEach
  void makeBase() throws IOException {
    base = Files.createDirectory(temp.resolve("base"));
  }

  @Test
  void open_nothingThere_makesEachFolderWith0750() throws IOException {
    try (PrivateFolder folder =
        PrivateFolder.open(base.resolve("new/er"), List.of("owner", "log"))) {
      assertThat(folder.path()).isEqualTo(base.resolve("new/er/owner/log"));
    }
    for (String made : List.of("new", "new/er", "new/er/owner", "new/er/owner/log")) {
      assertThat(mode(base.resolve(made))).as(made).isEqualTo("rwxr-x---");
    }
  }

  @Test
  void open_folderThere_leavesItsMode() throws IOException {
    Path owner = Files.createDirectory(base.resolve("owner"));
    Files.setPosixFilePermissions(owner, PosixFilePermissions.fromString("rwx------"));

    PrivateFolder.open(base, List.of("owner")).close();

    assertThat(mode(owner)).isEqualTo("rwx------");
  }

  @Test
  void open_baseBehindSymbolicLink_isFollowed() throws IOException {
    Path link = Files.createSymbolicLink(temp.resolve("link"), base);

    PrivateFolder.open(link, List.of("owner")).close();

    assertThat(base.resolve("owner")).isDirectory();
  }

  @Test
  void open_folderIsSymbolicLink_isRefusedAndNothingMadeBehindIt() throws IOException {
    Path elsewhere = Files.createDirectory(temp.resolve("elsewhere"));
    Files.createSymbolicLink(base.resolve("owner"), elsewhere);

    assertThatThrownBy(() -> PrivateFolder.open(base, List.of("owner", "log")))
        .isInstanceOf(FileSystemException.class)
        .hasMessageStartingWith(base.resolve("owner") + ": is a symbolic link of uid ")
        .hasMessageContaining("; allowed is a directory of uid ");
    assertThat(elsewhere).isEmptyDirectory();
  }

  @Test
  void open_danglingLinkForFolder_isRefused() throws IOException {
    Files.createSymbolicLink(base.resolve("owner"), temp.resolve("nowhere"));

    assertThatThrownBy(() -> PrivateFolder.open(base, List.of("owner")))
        .hasMessageContaining("is a symbolic link");
    assertThat(temp.resolve("nowhere")).doesNotExist();
  }

  @Test
  void open_fifoForFolder_isRefusedAtOnce() throws Exception {
    mkfifo(base.resolve("owner"));

    assertThatThrownBy(() -> PrivateFolder.open(base, List.of("owner")))
        .hasMessageContaining("is a FIFO");
  }

  @Test
  void open_folderWritableByOthers_isRefused() throws IOException {
    Path owner = Files.createDirectory(base.resolve("owner"));
    Files.setPosixFilePermissions(owner, PosixFilePermissions.fromString("rwxrwxrwx"));

    assertThatThrownBy(() -> PrivateFolder.open(base, List.of("owner")))
        .hasMessageContaining("with mode 0777; allowed is a directory")
        .hasMessageContaining("that others may not write to");
  }

  @Test
  void open_baseWritableByOthers_isRefused() throws IOException {
    Files.setPosixFilePermissions(base, PosixFilePermissions.fromString("rwxrwxrwx"));

    assertThatThrownBy(() -> PrivateFolder.open(base, List.of()))
        .hasMessageContaining("with mode 0777");
  }

  @Test
  void open_someoneElsesFolder_isRefused() throws IOException {
    assumeRoot();
    Path owner = Files.createDirectory(base.resolve("owner"));
    Files.setAttribute(owner, "unix:uid", 65534);

    assertThatThrownBy(() -> PrivateFolder.open(base, List.of("owner")))
        .hasMessageContaining("of uid 65534")
        .hasMessageContaining("allowed is a directory of uid 0");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ".", "..", "a/b", "/etc", "../up", "nul\0byte"})
  void path_notOneName_isRefused(String name) throws IOException {
    try (PrivateFolder folder = PrivateFolder.open(base, List.of())) {
      assertThatThrownBy(() -> folder.openAppend(name))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("is no file name");
    }
    assertThatThrownBy(() -> PrivateFolder.open(base, List.of(name)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void openAppend_nothingThere_makesFileWith0640() throws IOException {
    append("x.log", "one\n");

    assertThat(mode(base.resolve("x.log"))).isEqualTo("rw-r-----");
  }

  @Test
  void openAppend_fileThere_appendsAndLeavesMode() throws IOException {
    Files.writeString(base.resolve("x.log"), "one\n");
    Files.setPosixFilePermissions(
        base.resolve("x.log"), PosixFilePermissions.fromString("rw-------"));

    append("x.log", "two\n");

    assertThat(base.resolve("x.log")).hasContent("one\ntwo\n");
    assertThat(mode(base.resolve("x.log"))).isEqualTo("rw-------");
  }

  @Test
  void openAppend_madeShorterByAnother_goesOnAtItsEnd() throws IOException {
    try (PrivateFolder folder = PrivateFolder.open(base, List.of());
        FileChannel file = folder.openAppend("x.log")) {
      file.write(bytes("first\n"));
      Files.writeString(base.resolve("x.log"), "");
      file.write(bytes("second\n"));
    }
    assertThat(base.resolve("x.log")).hasContent("second\n");
  }

  @Test
  void openAppend_symbolicLink_isRefusedAndTargetUntouched() throws IOException {
    Path target = Files.writeString(temp.resolve("shadow"), "secret\n");
    Files.createSymbolicLink(base.resolve("x.log"), target);

    assertRefused("a symbolic link");
    assertThat(target).hasContent("secret\n");
  }

  @Test
  void openAppend_danglingLink_isRefusedAndNothingMade() throws IOException {
    Files.createSymbolicLink(base.resolve("x.log"), temp.resolve("nowhere"));

    assertRefused("a symbolic link");
    assertThat(temp.resolve("nowhere")).doesNotExist();
  }

  @Test
  void openAppend_hardLink_isRefusedAndTargetUntouched() throws IOException {
    Path target = Files.writeString(temp.resolve("shadow"), "secret\n");
    Files.createLink(base.resolve("x.log"), target);

    try (PrivateFolder folder = PrivateFolder.open(base, List.of())) {
      assertThatThrownBy(() -> folder.openAppend("x.log"))
          .hasMessageContaining("is a regular file of uid ")
          .hasMessageContaining(" with 2 links; allowed is a regular file of uid ");
    }
    assertThat(target).hasContent("secret\n");
  }

  @Test
  void openAppend_fifo_isRefusedAtOnce() throws Exception {
    mkfifo(base.resolve("x.log"));

    long start = System.nanoTime();
    assertRefused("a FIFO");
    // Waiting for a reader would last for ever; the bound only tells one from the other.
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(10));
  }

  @Test
  void openAppend_device_isRefusedAndNotWrittenTo() throws Exception {
    assumeRoot();
    Process mknod =
        new ProcessBuilder("mknod", base.resolve("x.log").toString(), "c", "1", "7").start();
    assumeTrue(mknod.waitFor() == 0, "mknod(1) may not make devices here");

    assertRefused("a character device");
  }

  @Test
  void openAppend_directory_isRefused() throws IOException {
    Files.createDirectory(base.resolve("x.log"));

    assertRefused("a directory");
  }

  @Test
  void openAppend_someoneElsesFile_isRefused() throws IOException {
    assumeRoot();
    Files.writeString(base.resolve("x.log"), "theirs\n");
    Files.setAttribute(base.resolve("x.log"), "unix:uid", 65534);

    assertRefused("a regular file of uid 65534 with 1 links");
    assertThat(base.resolve("x.log")).hasContent("theirs\n");
  }

  @Test
  void openRead_symbolicLink_isRefused() throws IOException {
    Files.createSymbolicLink(base.resolve("x.log"), Path.of("/etc/passwd"));

    try (PrivateFolder folder = PrivateFolder.open(base, List.of())) {
      assertThatThrownBy(() -> folder.openRead("x.log")).hasMessageContaining("a symbolic link");
    }
  }

  @Test
  void openRead_nothingThere_saysSo() throws IOException {
    try (PrivateFolder folder = PrivateFolder.open(base, List.of())) {
      assertThatThrownBy(() -> folder.openRead("x.log")).isInstanceOf(NoSuchFileException.class);
    }
  }

  @Test
  void createNew_readOnlyFileSystem_namesTheWholePath() throws Exception {
    try (Tmpfs disk = Tmpfs.mount(temp.resolve("disk"), "ro");
        PrivateFolder folder = PrivateFolder.open(disk.path(), List.of())) {
      assertThatExceptionOfType(FileSystemException.class)
          .isThrownBy(() -> folder.createNew("x.log"))
          .withMessage(disk.path().resolve("x.log") + ": Read-only file system");
    }
  }

  @Test
  void createNew_anythingThere_isRefused() throws IOException {
    Files.createSymbolicLink(base.resolve("x.log"), temp.resolve("nowhere"));

    try (PrivateFolder folder = PrivateFolder.open(base, List.of())) {
      assertThatThrownBy(() -> folder.createNew("x.log"))
          .isInstanceOf(FileAlreadyExistsException.class);
    }
    assertThat(temp.resolve("nowhere")).doesNotExist();
  }

  @Test
  void rename_folderMovedAway_staysInTheOpenFolder() throws IOException {
    Path owner = base.resolve("owner");
    try (PrivateFolder folder = PrivateFolder.open(base, List.of("owner"))) {
      folder.createNew("a").close();
      Files.move(owner, base.resolve("moved"));
      Files.createSymbolicLink(owner, temp);

      folder.rename("a", "b");
    }
    assertThat(base.resolve("moved/b")).exists();
  }

  @Test
  void delete_symbolicLink_removesTheLinkAlone() throws IOException {
    Path target = Files.writeString(temp.resolve("target"), "stays");
    Files.createSymbolicLink(base.resolve("x"), target);

    try (PrivateFolder folder = PrivateFolder.open(base, List.of())) {
      assertThat(folder.delete("x")).isTrue();
      assertThat(folder.delete("x")).isFalse();
    }
    assertThat(target).hasContent("stays");
    assertThat(Files.exists(base.resolve("x"), LinkOption.NOFOLLOW_LINKS)).isFalse();
  }

  private void assertRefused(String what) throws IOException {
    try (PrivateFolder folder = PrivateFolder.open(base, List.of())) {
      assertThatThrownBy(() -> folder.openAppend("x.log"))
          .isInstanceOf(FileSystemException.class)
          .hasMessageStartingWith(base.resolve("x.log") + ": is " + what)
          .hasMessageContaining("; allowed is a regular file of uid ");
    }
  }

  private void append(String name, String text) throws IOException {
    try (PrivateFolder folder = PrivateFolder.open(base, List.of());
        FileChannel file = folder.openAppend(name)) {
      file.write(bytes(text));
    }
  }

  private static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
  }

  private static String mode(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }

  private static void mkfifo(Path path) throws Exception {
    assertThat(new ProcessBuilder("mkfifo", path.toString()).start().waitFor()).isZero();
  }

  private static void assumeRoot() throws IOException {
    assumeTrue(
        Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0),
        "only root can make devices and other people's files");
  }
}
