package org.vmlog.platform;

import java.util.Optional;

/**
 * Who may connect to a socket on a path: whoever may write to it, unix(7).
 *
 * @param mode permission bits, such as 0660
 * @param group the group it is given to; empty leaves the process's own
 */
public record SocketAccess(int mode, Optional<String> group) {
  public SocketAccess {
    if ((mode & ~0777) != 0) {
      throw new IllegalArgumentException("socket mode %o; allowed is 0 to 777".formatted(mode));
    }
  }
}
