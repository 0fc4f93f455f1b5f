package org.vmlog.realm;

import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.vmlog.identity.RealmPath;

/** A node of the tree: a VM, a user's session, a test. Confined to the broker's thread. */
final class Realm {
  private final RealmPath path;
  private final @Nullable Realm above;
  private final Optional<ForeignPath> ownSink;
  private final Optional<String> lease;
  private final Map<ListenerKind, Listener> listeners = new EnumMap<>(ListenerKind.class);
  private final Map<String, Realm> below = new LinkedHashMap<>();

  /**
   * Makes a realm without realms below it.
   *
   * @param above the realm it is in; null for the root
   * @param ownSink a socket of its own on which whoever serves it takes its components' logs
   * @param lease with which it ends
   */
  Realm(
      RealmPath path,
      @Nullable Realm above,
      Optional<ForeignPath> ownSink,
      Optional<String> lease,
      Function<ListenerKind, Listener> makeListener) {
    this.path = path;
    this.above = above;
    this.ownSink = ownSink;
    this.lease = lease;
    for (ListenerKind kind : ListenerKind.values()) {
      listeners.put(kind, makeListener.apply(kind));
    }
  }

  RealmPath path() {
    return path;
  }

  Optional<String> lease() {
    return lease;
  }

  boolean hasOwnSink() {
    return ownSink.isPresent();
  }

  Map<String, Realm> below() {
    return below;
  }

  Listener listener(ListenerKind kind) {
    return Objects.requireNonNull(listeners.get(kind));
  }

  /**
   * The sink of its own that this realm has or inherits. What the broker itself offers is never
   * inherited: it carries a component's name.
   */
  Optional<ForeignPath> sink() {
    if (ownSink.isPresent() || above == null) {
      return ownSink;
    }
    return above.sink();
  }

  /** The listener that gets this realm's connections: the nearest that is taken, or the root's. */
  Listener observer(ListenerKind kind) {
    Listener listener = listener(kind);
    return listener.isTaken() || above == null ? listener : above.observer(kind);
  }
}
