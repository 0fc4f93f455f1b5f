package org.vmlog.logs;

import java.nio.file.Path;

/**
 * Told of what could not be looked at, while everything else is. Called by whatever thread meets
 * it.
 */
@FunctionalInterface
public interface Problems {
  /**
   * A file or folder is left out, or the rest of it.
   *
   * @param cause an I/O error, as it came
   */
  void leftOut(Path path, Exception cause);
}
