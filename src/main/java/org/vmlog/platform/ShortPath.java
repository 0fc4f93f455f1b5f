package org.vmlog.platform;

import java.io.Closeable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A path that fits a socket address. {@code sun_path} has 108 bytes (unix(7)); for what is longer
 * the folder is held open and named {@code /proc/self/fd/N}. A file name of its own that is too
 * long can be reached only by a symbolic link. Good until it is closed. Confined to one thread.
 */
final class ShortPath implements Closeable {
  /** With the NUL that ends it, what sun_path takes. */
  static final int MAX_BYTES = 107;

  private static final Path OPEN_FILES = Path.of("/proc/self/fd");

  private final Path path;
  private final Closeable folder;

  private ShortPath(Path path, Closeable folder) {
    this.path = path;
    this.folder = folder;
  }

  @SuppressWarnings("StreamResourceLeak") // The path that is returned owns it.
  static ShortPath of(Path path) throws IOException {
    Path folder = path.toAbsolutePath().getParent();
    if (folder == null || bytes(path) <= MAX_BYTES) {
      return new ShortPath(path, () -> {});
    }
    DirectoryStream<Path> held = Files.newDirectoryStream(folder);
    try {
      return new ShortPath(shortened(folder, path), held);
    } catch (IOException e) {
      held.close();
      throw e;
    }
  }

  private static Path shortened(Path folder, Path path) throws IOException {
    Path shortened = descriptor(folder).resolve(path.getFileName());
    if (bytes(shortened) > MAX_BYTES) {
      throw new FileSystemException(
          path.toString(),
          null,
          "does not fit a socket address even as %s, which has %s bytes; allowed are %s"
              .formatted(shortened, bytes(shortened), MAX_BYTES));
    }
    return shortened;
  }

  private static int bytes(Path path) {
    return path.toString().getBytes(StandardCharsets.UTF_8).length;
  }

  Path path() {
    return path;
  }

  @Override
  public void close() throws IOException {
    folder.close();
  }

  /** Java does not tell a folder's descriptor, but the kernel lists them all. */
  private static Path descriptor(Path folder) throws IOException {
    Path target = folder.toRealPath();
    try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(OPEN_FILES)) {
      for (Path descriptor : descriptors) {
        if (leadsTo(descriptor, target)) {
          return descriptor;
        }
      }
    }
    throw new FileSystemException(
        folder.toString(), null, "is open, but not listed in " + OPEN_FILES);
  }

  private static boolean leadsTo(Path descriptor, Path target) {
    try {
      return Files.readSymbolicLink(descriptor).equals(target);
    } catch (IOException e) {
      return false; // Closed by another thread since it was listed.
    }
  }
}
