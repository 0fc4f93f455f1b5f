package org.vmlog.realm;

import java.util.Map;
import org.vmlog.identity.RealmPath;

/**
 * A realm as it is now. Immutable.
 *
 * @param ownSink whether it has a sink of its own, not an inherited one
 * @param listeners by their kind
 */
public record RealmStatus(
    RealmPath path, boolean ownSink, Map<ListenerKind, ListenerStatus> listeners) {

  /**
   * A listener as it is now.
   *
   * @param waiting connections that it would get
   */
  public record ListenerStatus(boolean taken, int waiting) {}
}
