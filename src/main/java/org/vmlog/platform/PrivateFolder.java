package org.vmlog.platform;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;
import static java.nio.file.StandardOpenOption.APPEND;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * An open folder that nobody but this process's user may change, and the files in it.
 *
 * <p>Whatever stands in a file's way (a symbolic link, a second hard link, a FIFO, a device, a
 * directory, somebody else's file) is refused before it is opened, and so neither followed, changed
 * nor waited for: Java has no {@code O_NONBLOCK}, and an open(2) of a FIFO would hang. Names are
 * looked up in the open folder itself (openat(2)), so that a folder renamed meanwhile changes
 * nothing.
 *
 * <p>Files that it makes have mode 0640 and folders 0750, whatever the umask. Every refusal is a
 * {@link FileSystemException} that says what was found and what was allowed. Confined to one thread
 * at a time.
 */
public final class PrivateFolder implements AutoCloseable {
  private static final Set<PosixFilePermission> FILE_MODE =
      PosixFilePermissions.fromString("rw-r-----");
  private static final Set<PosixFilePermission> OWNER_ONLY =
      PosixFilePermissions.fromString("rw-------");

  /** How often a file may change under our hands before we call it an error. */
  private static final int OPEN_ATTEMPTS = 3;

  private final Path path;
  private final Path reach;
  private final SecureDirectoryStream<Path> directory;

  /**
   * @param reach where calls find it: its path, or what stays true when the path does not
   */
  PrivateFolder(Path path, Path reach, SecureDirectoryStream<Path> directory) {
    this.path = path;
    this.reach = reach;
    this.directory = directory;
  }

  /** As {@link #open(Path, List, Optional)}; what is made keeps the process's group. */
  public static PrivateFolder open(Path base, List<String> names) throws IOException {
    return open(base, names, Optional.empty());
  }

  /**
   * Opens {@code base/names[0]/names[1]…}, making what is missing.
   *
   * @param base the administrator's choice: may lie behind symbolic links, and may be root's
   * @param names below it every folder must be a real one and this process's own
   * @param group the group of what is made; empty keeps the process's own
   */
  public static PrivateFolder open(Path base, List<String> names, Optional<String> group)
      throws IOException {
    PrivateFolder folder = FolderWalk.base(base, group);
    for (String name : names) {
      try (PrivateFolder parent = folder) {
        folder = FolderWalk.enter(parent, name, group);
      }
    }
    return folder;
  }

  /**
   * Opens a folder that may be another user's, to bind a socket in it for that user's program: a
   * VMM connects to its hybrid vsock's path with a suffix, and that lies where the VMM has its
   * files. Their owner may rename and replace them at any moment, so whatever is done here, and in
   * folders that are made here, reaches them through their open descriptors and not by their paths.
   *
   * @throws FileSystemException when it is missing, is no directory, or all may write to it
   */
  public static PrivateFolder openForeign(Path path) throws IOException {
    return FolderWalk.foreign(path);
  }

  /** As {@code open} was told, without following links in {@code base}. */
  public Path path() {
    return path;
  }

  /** The path of a name in this folder, for messages. */
  public Path path(String name) {
    return path.resolve(single(name));
  }

  /** Answers null when nothing has that name. */
  public @Nullable FileStat stat(String name) throws IOException {
    return FileStat.of(reach(name));
  }

  /** The path of a name in this folder, for calls. */
  Path reach(String name) {
    return reach.resolve(single(name));
  }

  /** What the open folder itself is, whatever its path leads to. */
  @Nullable FileStat stat() throws IOException {
    return FileStat.of(reach.resolve("."));
  }

  /** Whose it is. */
  public int ownerUid() throws IOException {
    FileStat found = stat();
    if (found == null) {
      throw new NoSuchFileException(path.toString()); // removed since it was opened
    }
    return found.uid();
  }

  /** Whether it, or one above it, is from {@link #openForeign}. */
  boolean isForeign() {
    return !reach.equals(path);
  }

  /**
   * Opens a file of our own to append to it ({@code O_APPEND}), or makes it.
   *
   * @throws FileSystemException when something else has that name
   */
  public FileChannel openAppend(String name) throws IOException {
    for (int attempt = 0; attempt < OPEN_ATTEMPTS; attempt++) {
      try {
        return stat(name) == null
            ? OwnFile.create(this, name, FILE_MODE, WRITE, APPEND)
            : OwnFile.open(this, name, WRITE, APPEND);
      } catch (FileAlreadyExistsException | NoSuchFileException e) {
        // Made or removed since we looked, by an administrator's hand: look again.
      }
    }
    throw new FileSystemException(path(name).toString(), null, "changes while it is opened");
  }

  /**
   * Makes a file that nobody had before ({@code O_EXCL}), to append to it.
   *
   * @throws FileAlreadyExistsException when anything has that name
   */
  public FileChannel createNew(String name) throws IOException {
    return createNew(name, FILE_MODE);
  }

  /** The same, with another mode, whatever the umask. */
  FileChannel createNew(String name, Set<PosixFilePermission> mode) throws IOException {
    return OwnFile.create(this, name, mode, WRITE, APPEND);
  }

  /** Opens a file of our own to change it in place, or makes it for this process's user alone. */
  public FileChannel openUpdate(String name) throws IOException {
    return stat(name) == null
        ? OwnFile.create(this, name, OWNER_ONLY, READ, WRITE)
        : OwnFile.open(this, name, READ, WRITE);
  }

  /**
   * Opens a file of our own to read it.
   *
   * @throws NoSuchFileException when nothing has that name
   * @throws FileSystemException when something else than a file of our own has it
   */
  public FileChannel openRead(String name) throws IOException {
    return OwnFile.open(this, name, READ);
  }

  /** rename(2): whatever file had the new name is gone. */
  public void rename(String from, String to) throws IOException {
    rename(from, this, to);
  }

  /** rename(2) into another folder of the same file system. */
  public void rename(String from, PrivateFolder target, String to) throws IOException {
    directory.move(name(from), target.directory, target.name(to));
  }

  /** unlink(2); answers false when there was nothing. */
  public boolean delete(String name) throws IOException {
    try {
      directory.deleteFile(name(name));
      return true;
    } catch (NoSuchFileException e) {
      return false;
    }
  }

  /** Gives a file the time at which its content was written first, as gzip(1) does. */
  public void setModified(String name, Instant modified) throws IOException {
    directory
        .getFileAttributeView(name(name), BasicFileAttributeView.class, NOFOLLOW_LINKS)
        .setTimes(FileTime.from(modified), null, null);
  }

  /**
   * Has the names in this folder survive a loss of power: fsync(2) of a file does not do that for
   * the entry of its folder.
   */
  public void sync() throws IOException {
    try (FileChannel self = (FileChannel) directory.newByteChannel(Path.of("."), Set.of(READ))) {
      self.force(true);
    }
  }

  void deleteFolder(String name) throws IOException {
    directory.deleteDirectory(name(name));
  }

  SecureDirectoryStream<Path> directory() {
    return directory;
  }

  /** Nothing is written through a folder's descriptor, so there is no failure to tell. */
  @Override
  public void close() {
    try {
      directory.close();
    } catch (IOException e) {
      // The descriptor is gone all the same, close(2).
    }
  }

  private Path name(String name) {
    return Path.of(single(name));
  }

  /**
   * openat(2) takes {@code ../x} and absolute paths too; a name that is one name does not lead out.
   */
  private static String single(String name) {
    if (name.isEmpty()
        || name.equals(".")
        || name.equals("..")
        || name.indexOf('/') >= 0
        || name.indexOf('\0') >= 0) {
      throw new IllegalArgumentException(
          "\"%s\" is no file name: it must not be empty, \".\" or \"..\", nor contain '/' or NUL"
              .formatted(name));
    }
    return name;
  }
}
