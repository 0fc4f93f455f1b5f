package org.vmlog.platform;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;

/**
 * Finds {@code /proc/self/fd/N} of a folder that is open: a path that leads to it for as long as it
 * is, wherever it is moved. Thread-safe.
 */
final class OpenFolders {
  private static final Path DESCRIPTORS = Path.of("/proc/self/fd");

  private OpenFolders() {}

  /**
   * Java does not tell a folder's descriptor, but the kernel lists them all.
   *
   * @param path for the message
   */
  static Path descriptor(SecureDirectoryStream<Path> open, Path path) throws IOException {
    Object wanted =
        Objects.requireNonNull(
            open.getFileAttributeView(BasicFileAttributeView.class).readAttributes().fileKey());
    try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(DESCRIPTORS)) {
      for (Path descriptor : descriptors) {
        if (wanted.equals(fileKey(descriptor))) {
          return descriptor;
        }
      }
    }
    throw new FileSystemException(
        path.toString(), null, "is open, but not listed in " + DESCRIPTORS);
  }

  private static Object fileKey(Path descriptor) {
    try {
      return Files.readAttributes(descriptor, BasicFileAttributes.class).fileKey();
    } catch (IOException e) {
      return e; // Closed by another thread since it was listed.
    }
  }
}
