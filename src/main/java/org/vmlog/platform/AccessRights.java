package org.vmlog.platform;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Optional;
import java.util.Set;

/**
 * Gives what was made its group and permissions, changing only what differs. In a set-group-ID
 * folder the group comes by itself (inode(7)), and then a daemon that may neither chown(2) nor set
 * such a bit again leaves everything as it should be. Thread-safe.
 */
final class AccessRights {
  private AccessRights() {}

  /**
   * Has it belong to the group; nothing if none is named.
   *
   * @throws AccessDeniedException if that cannot be done. chown(2)'s EPERM has no type of its own
   *     in Java, and whoever may make a file and not give it away lacks a right.
   */
  static void giveTo(PosixFileAttributeView made, Optional<String> group) throws IOException {
    if (group.isPresent() && !made.readAttributes().group().equals(Groups.named(group.get()))) {
      try {
        made.setGroup(Groups.named(group.get()));
      } catch (FileSystemException e) {
        String why = "cannot be given to the group " + group.get() + ": " + e.getReason();
        AccessDeniedException named = new AccessDeniedException(e.getFile(), null, why);
        named.initCause(e);
        throw named;
      }
    }
  }

  /** The umask may have narrowed what it was made with. */
  static void restrictTo(PosixFileAttributeView made, Set<PosixFilePermission> permissions)
      throws IOException {
    PosixFileAttributes is = made.readAttributes();
    if (!is.permissions().equals(permissions)) {
      made.setPermissions(permissions);
    }
  }
}
