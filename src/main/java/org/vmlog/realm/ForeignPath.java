package org.vmlog.realm;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Path;
import org.vmlog.platform.Descriptor;
import org.vmlog.platform.PrivateFolder;
import org.vmlog.platform.StreamSocket;

/**
 * A socket's path that a caller has named. The broker may reach what its callers cannot, so it does
 * nothing there in which their user has no part; root has a part in everything. Immutable.
 *
 * @param uid the user who calls
 */
public record ForeignPath(Path path, int uid) {
  private static final int ROOT = 0;

  /**
   * Connects to what this user listens on.
   *
   * @throws IOException if nobody listens there, or somebody else does
   */
  Descriptor connect() throws IOException {
    return uid == ROOT ? StreamSocket.connect(path) : StreamSocket.connect(path, uid);
  }

  /**
   * Checks that a socket may be made in this folder.
   *
   * @throws AccessDeniedException if it is another user's
   */
  void requireOwn(PrivateFolder folder) throws IOException {
    int owner = folder.ownerUid();
    if (uid != ROOT && uid != owner) {
      throw new AccessDeniedException(
          path.toString(),
          null,
          "its folder is user %s's; allowed is one of user %s, who asks"
              .formatted(Integer.toUnsignedString(owner), Integer.toUnsignedString(uid)));
    }
  }
}
