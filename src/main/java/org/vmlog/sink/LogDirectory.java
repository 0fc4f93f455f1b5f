package org.vmlog.sink;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.vmlog.identity.Names;
import org.vmlog.logs.Layout;
import org.vmlog.logs.LogFileIds;
import org.vmlog.logs.LogFileName;
import org.vmlog.platform.HostZone;
import org.vmlog.platform.PrivateFolder;
import org.vmlog.platform.WholeFile;

/**
 * The folder with all log files, held to one layout.
 *
 * <p>The first use leaves a file {@code .layout} with the layout's name. Without it, files of both
 * layouts could come to stand in one tree, and reading programs would take one for the other.
 * Immutable, thread-safe.
 */
public final class LogDirectory {
  private static final Logger LOG = LoggerFactory.getLogger(LogDirectory.class);

  private static final String MARKER = ".layout";
  private static final int MAX_MARKER_BYTES = 32;
  private static final int MAX_NOTE_BYTES = 16 << 10;

  private final Path path;
  private final Layout layout;
  private final Object device;
  private final LogState state;

  private LogDirectory(Path path, Layout layout, Object device, LogState state) {
    this.path = path;
    this.layout = layout;
    this.device = device;
    this.state = state;
  }

  /**
   * Opens the folder, making it when it is missing.
   *
   * @param state the state folder, which is made when something is to be kept there
   * @throws IOException when it holds the other layout, or cannot be used; says why
   */
  public static LogDirectory open(Path path, Layout layout, Path state) throws IOException {
    try (PrivateFolder folder = PrivateFolder.open(path, List.of())) {
      claim(folder, layout);
      // Some formats have times without a zone, and who reads them may have another $TZ.
      note(folder, HostZone.NOTE, (HostZone.note() + "\n").getBytes(US_ASCII));
      note(folder, LogFileIds.NOTE, LogFileIds.note(path, state));
    }
    return new LogDirectory(path, layout, device(path), new LogState(state));
  }

  public Path path() {
    return path;
  }

  Layout layout() {
    return layout;
  }

  /** Where more is kept of its logs. */
  LogState state() {
    return state;
  }

  /** Opens the folder of one file, making what is missing on the way. */
  PrivateFolder folder(LogFileName name) throws IOException {
    return PrivateFolder.open(path, name.folders());
  }

  /** Device and inode of what has the file's name now; null if nothing has, or nobody can tell. */
  @Nullable Object identity(LogFileName name) {
    Path file = path;
    for (String folder : name.folders()) {
      file = file.resolve(folder);
    }
    try {
      return Files.readAttributes(
              file.resolve(name.file()), BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
          .fileKey();
    } catch (IOException e) {
      return null; // to open it anew tells what is in the way
    }
  }

  /** The file system's st_dev, stat(2). */
  Object device() {
    return device;
  }

  /** The size of the file system, in bytes. */
  long diskBytes() throws IOException {
    // A FileStore would say why not, but needs a mount point, and a chroot's root has none.
    long size = path.toFile().getTotalSpace();
    if (size == 0) {
      throw new FileSystemException(path.toString(), null, "its file system does not say its size");
    }
    return size;
  }

  /** What is free of it for us, in bytes: f_bavail of statvfs(3). */
  long usableBytes() throws IOException {
    long free = path.toFile().getUsableSpace();
    if (free == 0) {
      diskBytes(); // a full file system has a size, one that is gone has none
    }
    return free;
  }

  /**
   * Which layout a folder has that a forwarder made.
   *
   * @throws IOException if none has, yet
   */
  public static Layout layoutOf(Path path) throws IOException {
    Path marker = path.resolve(MARKER);
    String text;
    try {
      text = text(Files.readAllBytes(marker));
    } catch (NoSuchFileException e) {
      throw new NoSuchFileException(
          marker.toString(), null, "is missing: no forwarder has logged here yet");
    }
    for (Layout layout : Layout.values()) {
      if (text.equals(layout.name().toLowerCase(Locale.ROOT))) {
        return layout;
      }
    }
    throw new FileSystemException(marker.toString(), null, "says layout " + Names.shown(text));
  }

  static Object device(Path path) throws IOException {
    return Files.getAttribute(path, "unix:dev");
  }

  /** Says something to those who read the logs. A disk that is full keeps nobody from starting. */
  private static void note(PrivateFolder folder, String name, byte[] content) {
    try {
      Optional<byte[]> noted = WholeFile.read(folder, name, MAX_NOTE_BYTES);
      if (noted.isEmpty() || !Arrays.equals(noted.get(), content)) {
        WholeFile.replace(folder, name, WholeFile.Readers.GROUP, content);
      }
    } catch (IOException e) {
      LOG.warn("cannot leave {} for those who read the logs: {}", folder.path(name), e.toString());
    }
  }

  private static void claim(PrivateFolder folder, Layout layout) throws IOException {
    byte[] wanted = (layout.name().toLowerCase(Locale.ROOT) + "\n").getBytes(US_ASCII);
    Optional<byte[]> found = WholeFile.read(folder, MARKER, MAX_MARKER_BYTES);
    if (found.isEmpty()) {
      WholeFile.replace(folder, MARKER, WholeFile.Readers.GROUP, wanted);
    } else if (!text(found.get()).equals(text(wanted))) {
      throw new FileSystemException(
          folder.path(MARKER).toString(),
          null,
          "says layout %s; allowed is the configured \"%s\": a folder holds one layout"
              .formatted(Names.shown(text(found.get())), text(wanted)));
    }
  }

  private static String text(byte[] marker) {
    return new String(marker, US_ASCII).strip();
  }
}
