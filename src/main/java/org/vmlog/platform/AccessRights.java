package org.vmlog.platform;

import java.io.IOException;
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

  /** Has it belong to the group; nothing if none is named. */
  static void giveTo(PosixFileAttributeView made, Optional<String> group) throws IOException {
    if (group.isPresent() && !made.readAttributes().group().equals(Groups.named(group.get()))) {
      made.setGroup(Groups.named(group.get()));
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
