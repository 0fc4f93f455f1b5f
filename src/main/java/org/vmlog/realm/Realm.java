package org.vmlog.realm;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.vmlog.identity.ComponentId;
import org.vmlog.identity.RealmPath;
import org.vmlog.identity.SourceIdentity.Component;

/** A node of the tree: a VM, a user's session, a test. Confined to the broker's thread. */
final class Realm {
  private static final int MAX_STREAMS = 16;

  private final RealmPath path;
  private final @Nullable Realm above;
  private final Optional<ForeignPath> ownSink;
  private final Optional<String> lease;
  private final Map<ListenerKind, Listener> listeners = new EnumMap<>(ListenerKind.class);
  private final List<Listener> streams = new ArrayList<>();
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

  RealmStatus status() {
    Map<ListenerKind, RealmStatus.ListenerStatus> each = new EnumMap<>(ListenerKind.class);
    listeners.forEach(
        (kind, listener) ->
            each.put(kind, new RealmStatus.ListenerStatus(listener.isTaken(), listener.waiting())));
    return new RealmStatus(path, ownSink.isPresent(), each);
  }

  /**
   * Adds a stream, which is there as long as its taker.
   *
   * @param onFree told when that has gone; may drain what is left
   */
  Listener addStream(
      Listener.BrokerContext context, Predicate<ComponentId> wants, Consumer<Listener> onFree)
      throws RealmException {
    if (streams.size() >= MAX_STREAMS) {
      throw new RealmException(
          RealmException.Reason.LIMIT,
          "realm /%s has %s streams with a filter; no more are allowed"
              .formatted(path, MAX_STREAMS));
    }
    Listener stream =
        new Listener(
            ListenerKind.EVENTS,
            path,
            context,
            wants,
            free -> {
              streams.remove(free);
              onFree.accept(free);
            });
    streams.add(stream);
    return stream;
  }

  /** Listeners that get some components' connections alone, each taken from its beginning. */
  List<Listener> streams() {
    return streams;
  }

  /** All of its listeners. */
  List<Listener> listeners() {
    List<Listener> all = new ArrayList<>(streams);
    all.addAll(listeners.values());
    return all;
  }

  /**
   * The listener that gets a component's connections: of the nearest realm whose listener is taken,
   * or the root's. A stream that wants the component goes before the listener of its realm.
   */
  Listener observer(ListenerKind kind, Component component) {
    for (Listener stream : streams) {
      if (stream.kind() == kind && stream.wants(component)) {
        return stream;
      }
    }
    Listener listener = listener(kind);
    return listener.isTaken() || above == null ? listener : above.observer(kind, component);
  }
}
