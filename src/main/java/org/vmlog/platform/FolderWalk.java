package org.vmlog.platform;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Finds and makes the folders of a {@link PrivateFolder}, one name at a time. Thread-safe. */
final class FolderWalk {
  static final int OWN_UID = ownUid();

  private static final Set<PosixFilePermission> GROUP_READS =
      PosixFilePermissions.fromString("rwxr-x---");
  private static final Set<PosixFilePermission> OWNER_ONLY =
      PosixFilePermissions.fromString("rwx------");

  private static final int ROOT = 0;
  private static final int WRITABLE_BY_OTHERS = 0002;

  private FolderWalk() {}

  @SuppressWarnings("StreamResourceLeak") // The folder that is returned owns it.
  static PrivateFolder base(Path base, Optional<String> group) throws IOException {
    makeMissing(base, group);
    FileStat found = FileStat.of(base.toRealPath());
    if (found == null
        || found.kind() != FileStat.Kind.DIRECTORY
        || (found.uid() != OWN_UID && found.uid() != ROOT)
        || (found.permissions() & WRITABLE_BY_OTHERS) != 0) {
      throw refused(base, found, "uid %s or 0".formatted(OWN_UID));
    }
    return new PrivateFolder(base, base, secure(base, Files.newDirectoryStream(base)));
  }

  /** See {@link PrivateFolder#openForeign}. */
  @SuppressWarnings("StreamResourceLeak") // The folder that is returned owns it.
  static PrivateFolder foreign(Path path) throws IOException {
    if (!Files.isDirectory(path)) {
      if (!Files.exists(path) && !Files.notExists(path)) {
        throw new AccessDeniedException(path.toString(), null, "cannot be looked at");
      }
      throw refused(path, Files.exists(path) ? FileStat.of(path.toRealPath()) : null, "any user");
    }
    PrivateFolder folder = byDescriptor(path, secure(path, Files.newDirectoryStream(path)));
    FileStat found = folder.stat();
    if (found == null || (found.permissions() & WRITABLE_BY_OTHERS) != 0) {
      folder.close();
      throw refused(path, found, "any user");
    }
    return folder;
  }

  private static PrivateFolder byDescriptor(Path path, SecureDirectoryStream<Path> opened)
      throws IOException {
    try {
      return new PrivateFolder(path, OpenFolders.descriptor(opened, path), opened);
    } catch (IOException e) {
      opened.close();
      throw e;
    }
  }

  static PrivateFolder enter(PrivateFolder parent, String name, Optional<String> group)
      throws IOException {
    return enter(parent, name, GROUP_READS, group);
  }

  /** As {@link #enter}, but a folder that is made has mode 0700. */
  static PrivateFolder enterOwnerOnly(PrivateFolder parent, String name) throws IOException {
    return enter(parent, name, OWNER_ONLY, Optional.empty());
  }

  private static PrivateFolder enter(
      PrivateFolder parent, String name, Set<PosixFilePermission> mode, Optional<String> group)
      throws IOException {
    Path path = parent.path(name);
    boolean made = parent.stat(name) == null && make(parent.reach(name), mode);
    refuseUnlessOwn(path, parent.stat(name));
    SecureDirectoryStream<Path> opened =
        secure(path, parent.directory().newDirectoryStream(Path.of(name), NOFOLLOW_LINKS));
    PrivateFolder entered =
        parent.isForeign() ? byDescriptor(path, opened) : new PrivateFolder(path, path, opened);
    try {
      if (parent.isForeign()) {
        refuseUnlessOwn(path, entered.stat()); // it may have been replaced since it was looked at
      }
      if (made) {
        setAccess(opened.getFileAttributeView(PosixFileAttributeView.class), mode, group);
        if (!parent.isForeign()) {
          parent.sync(); // what is synced in a folder is lost with the folder's own name
        }
      }
      return entered;
    } catch (IOException e) {
      entered.close();
      if (made) {
        parent.deleteFolder(name); // Or it would be taken for finished the next time.
      }
      throw e;
    }
  }

  private static void refuseUnlessOwn(Path path, @Nullable FileStat found) throws IOException {
    if (found == null
        || found.kind() != FileStat.Kind.DIRECTORY
        || found.uid() != OWN_UID
        || (found.permissions() & WRITABLE_BY_OTHERS) != 0) {
      throw refused(path, found, "uid %s".formatted(OWN_UID));
    }
  }

  private static void makeMissing(Path path, Optional<String> group) throws IOException {
    if (Files.exists(path)) {
      return;
    }
    Path parent = path.toAbsolutePath().getParent();
    if (parent != null) {
      makeMissing(parent, group);
    }
    if (make(path, GROUP_READS)) {
      setAccess(Files.getFileAttributeView(path, PosixFileAttributeView.class), GROUP_READS, group);
      if (parent != null) {
        sync(parent);
      }
    }
  }

  private static void sync(Path folder) throws IOException {
    try (FileChannel self = FileChannel.open(folder)) {
      self.force(true);
    } catch (AccessDeniedException e) {
      // One that may be entered and not listed: it is whoever made it that could sync it.
    }
  }

  private static boolean make(Path path, Set<PosixFilePermission> mode) throws IOException {
    try {
      Files.createDirectory(path, PosixFilePermissions.asFileAttribute(mode));
      return true;
    } catch (FileAlreadyExistsException e) {
      return false; // Another VM of this owner was faster, or a broken link is in the way.
    }
  }

  /** Only for what we made ourselves: the umask may have narrowed it, and the group is wanted. */
  private static void setAccess(
      PosixFileAttributeView view, Set<PosixFilePermission> mode, Optional<String> group)
      throws IOException {
    AccessRights.giveTo(view, group);
    AccessRights.restrictTo(view, mode);
  }

  private static SecureDirectoryStream<Path> secure(Path path, DirectoryStream<Path> opened)
      throws IOException {
    if (opened instanceof SecureDirectoryStream<Path> secure) {
      return secure;
    }
    opened.close();
    throw new FileSystemException(path.toString(), null, "this platform has no openat(2)");
  }

  private static FileSystemException refused(Path path, @Nullable FileStat found, String owner) {
    String what =
        found == null
            ? "is missing"
            : "is %s of uid %s with mode %04o"
                .formatted(found.kind(), found.uid(), found.permissions());
    return new FileSystemException(
        path.toString(),
        null,
        "%s; allowed is a directory of %s that others may not write to".formatted(what, owner));
  }

  private static int ownUid() {
    try {
      return (Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
    } catch (IOException e) {
      throw new UncheckedIOException("/proc is not mounted", e);
    }
  }
}
