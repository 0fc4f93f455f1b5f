package org.vmlog.wire;

import java.util.concurrent.TimeUnit;

/**
 * Whether a peer pings more often than it may: gRPC's rule for keepalive (its proposal A8), with as
 * many strikes as its servers give. Confined to the connection's event loop.
 */
final class KeepAliveLimit {
  private static final long EVERY_NANOS = TimeUnit.SECONDS.toNanos(30);
  private static final int STRIKES = 2;

  private boolean fresh = true;
  private long lastNanos;
  private int strikes;

  /** A PING has come. */
  boolean allows(long nowNanos) {
    if (fresh || nowNanos - lastNanos >= EVERY_NANOS) {
      fresh = false;
      lastNanos = nowNanos;
      return true;
    }
    return ++strikes <= STRIKES;
  }

  /** Something was sent to the peer, which may well ask whether it is all. */
  void sent() {
    fresh = true;
    strikes = 0;
  }
}
