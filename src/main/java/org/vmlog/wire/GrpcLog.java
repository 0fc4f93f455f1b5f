package org.vmlog.wire;

import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Keeps gRPC and its netty from warning of what is none of our users' business, like a machine
 * without a network. Thread-safe.
 */
final class GrpcLog {
  /** Held here, since a logger that nobody holds forgets its level. */
  private static final Logger LOG = Logger.getLogger("io.grpc");

  private GrpcLog() {}

  /** From now on only errors are heard, unless somebody has set another level. */
  static void quiet() {
    if (LOG.getLevel() == null) {
      LOG.setLevel(Level.SEVERE);
    }
  }
}
