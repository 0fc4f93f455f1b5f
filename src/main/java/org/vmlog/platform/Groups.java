package org.vmlog.platform;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.UserPrincipalNotFoundException;

/** The groups of this host. Thread-safe. */
final class Groups {
  private Groups() {}

  /**
   * Finds a group by its name.
   *
   * @throws IOException when there is none of that name; names it
   */
  static GroupPrincipal named(String name) throws IOException {
    try {
      return FileSystems.getDefault()
          .getUserPrincipalLookupService()
          .lookupPrincipalByGroupName(name);
    } catch (UserPrincipalNotFoundException e) {
      throw new IOException(
          "group \"%s\" does not exist; allowed is one that getent(1) knows".formatted(name), e);
    }
  }
}
