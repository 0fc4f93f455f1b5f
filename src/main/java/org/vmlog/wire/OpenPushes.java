package org.vmlog.wire;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The Pushes of one connection. A connection that is to be closed waits for its calls to end, and
 * these never would by themselves. Confined to the connection's event loop.
 */
final class OpenPushes {
  private final Set<PushCall> open = new LinkedHashSet<>(2);
  private boolean goingAway;

  void began(PushCall push) {
    open.add(push);
    if (goingAway) {
      push.goingAway(); // the peer had begun it before it heard
    }
  }

  void ended(PushCall push) {
    open.remove(push);
  }

  /** Has all of them ended, and whatever begins from now on. */
  void goingAway() {
    goingAway = true;
    List.copyOf(open).forEach(PushCall::goingAway);
  }
}
