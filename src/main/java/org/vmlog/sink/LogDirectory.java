package org.vmlog.sink;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileStore;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.vmlog.platform.PrivateFolder;

/**
 * The folder with all log files, held to one layout.
 *
 * <p>The first use leaves a file {@code .layout} with the layout's name. Without it, files of both
 * layouts could come to stand in one tree, and reading programs would take one for the other.
 * Immutable, thread-safe.
 */
public final class LogDirectory {
  private static final String MARKER = ".layout";
  private static final String UNFINISHED_MARKER = ".layout.new";

  private final Path path;
  private final Object device;
  private final FileStore disk;

  private LogDirectory(Path path, Object device, FileStore disk) {
    this.path = path;
    this.device = device;
    this.disk = disk;
  }

  /**
   * Opens the folder, making it when it is missing.
   *
   * @throws IOException when it holds the other layout, or cannot be used; says why
   */
  public static LogDirectory open(Path path, Layout layout) throws IOException {
    try (PrivateFolder folder = PrivateFolder.open(path, List.of())) {
      claim(folder, layout);
    }
    return new LogDirectory(path, device(path), Files.getFileStore(path));
  }

  public Path path() {
    return path;
  }

  /** Opens the folder of one file, making what is missing on the way. */
  PrivateFolder folder(LogFileName name) throws IOException {
    return PrivateFolder.open(path, name.folders());
  }

  /** The file system's st_dev, stat(2). */
  Object device() {
    return device;
  }

  /** The size of the file system. */
  long diskBytes() throws IOException {
    return disk.getTotalSpace();
  }

  /** What is free of it for us: f_bavail of statvfs(3). */
  long usableBytes() throws IOException {
    return disk.getUsableSpace();
  }

  static Object device(Path path) throws IOException {
    return Files.getAttribute(path, "unix:dev");
  }

  private static void claim(PrivateFolder folder, Layout layout) throws IOException {
    String wanted = layout.name().toLowerCase(Locale.ROOT);
    if (folder.stat(MARKER) == null) {
      mark(folder, wanted);
      return;
    }
    String found = read(folder);
    if (!found.equals(wanted)) {
      throw new FileSystemException(
          folder.path(MARKER).toString(),
          null,
          "says layout %s; allowed is the configured \"%s\": a folder holds one layout"
              .formatted(NameEncoding.shown(found), wanted));
    }
  }

  /** By way of another name, so that a kill in the middle does not leave an empty marker. */
  private static void mark(PrivateFolder folder, String layout) throws IOException {
    folder.delete(UNFINISHED_MARKER);
    try (FileChannel file = folder.createNew(UNFINISHED_MARKER)) {
      ByteBuffer text = ByteBuffer.wrap((layout + "\n").getBytes(StandardCharsets.US_ASCII));
      while (text.hasRemaining()) {
        file.write(text);
      }
      file.force(true);
    }
    folder.rename(UNFINISHED_MARKER, MARKER);
  }

  private static String read(PrivateFolder folder) throws IOException {
    try (FileChannel file = folder.openRead(MARKER)) {
      byte[] text = Channels.newInputStream(file).readNBytes(32);
      return new String(text, StandardCharsets.US_ASCII).strip();
    }
  }
}
