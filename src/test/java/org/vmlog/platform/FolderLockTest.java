package org.vmlog.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FolderLockTest {
  @TempDir Path temp;

  @Test
  void take_heldFolder_isRefusedWithItsName() throws Exception {
    try (FolderLock held = FolderLock.take(temp)) {
      assertThatExceptionOfType(FolderLock.HeldException.class)
          .isThrownBy(() -> FolderLock.take(temp))
          .withMessage(temp + ": is in use by another forwarder; allowed is one");
    }
  }

  @Test
  void take_folderThatWasGivenBack_isGranted() throws Exception {
    FolderLock.take(temp).close();
    FolderLock.take(temp).close();
  }

  @Test
  void take_missingFolder_isMade() throws Exception {
    Path folder = temp.resolve("a/b");

    FolderLock.take(folder).close();

    assertThat(folder).isDirectory();
  }

  @Test
  void take_linkInTheFilesPlace_isRefusedAndNotFollowed() throws Exception {
    Path target = temp.resolve("target");
    Files.createSymbolicLink(temp.resolve(".lock"), target);

    assertThatExceptionOfType(FileSystemException.class).isThrownBy(() -> FolderLock.take(temp));

    assertThat(target).doesNotExist();
  }
}
