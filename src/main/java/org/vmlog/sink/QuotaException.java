package org.vmlog.sink;

import java.io.IOException;

/**
 * A quota does not let a log grow, and nothing is left that might make room. The message names the
 * log, what it needed and the quota. Immutable.
 */
public final class QuotaException extends IOException {
  private static final long serialVersionUID = 1;

  private final long shortBytes;

  QuotaException(String message, long shortBytes) {
    super(message);
    this.shortBytes = shortBytes;
  }

  /** How much more would have to be removed than may be. */
  long shortBytes() {
    return shortBytes;
  }
}
