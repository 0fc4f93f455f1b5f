package org.vmlog.realm;

import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.vmlog.identity.RealmPath;
import org.vmlog.identity.SourceIdentity.Component;
import org.vmlog.platform.ConnectionListener;
import org.vmlog.platform.Descriptor;
import org.vmlog.platform.LimitedLog;
import org.vmlog.platform.PacketSocket;
import org.vmlog.platform.SelectorLoop;
import org.vmlog.platform.StreamSocket;
import org.vmlog.realm.RealmException.Reason;

/**
 * Pairs each connection to a LogSink with who it is from, and hands it to the listener that is to
 * have it: that of the nearest realm at or above the component's whose listener is taken, else the
 * root's, where it waits. A realm with a sink of its own has its components connected to that, and
 * no listener hears of them.
 *
 * <p>Confined to the thread of its loop.
 */
public final class RealmBroker {
  private static final Logger LOG = LoggerFactory.getLogger(RealmBroker.class);
  private static final LimitedLog REFUSED = LimitedLog.on(LOG);

  private final BrokerLimits limits;
  private final SinkFolder folder;
  private final SelectorLoop loop;
  private final InstantSource clock;
  private final BrokerCounters counters = new BrokerCounters();
  private final WaitingRoom room;
  private final RealmTree tree;
  private final Map<Path, ProvidedSink> sinks = new LinkedHashMap<>();
  private final SecureRandom names = new SecureRandom();

  public RealmBroker(
      BrokerLimits limits, SinkFolder folder, SelectorLoop loop, InstantSource clock) {
    this.limits = limits;
    this.folder = folder;
    this.loop = loop;
    this.clock = clock;
    this.room = new WaitingRoom(limits.waiting());
    Listener.BrokerContext context =
        new Listener.BrokerContext(room, PacketSocket.newBuffer(), counters);
    this.tree =
        new RealmTree(
            limits.realms(), (path, kind) -> new Listener(kind, path, context, this::reroute));
  }

  /**
   * Makes a realm.
   *
   * @param ownSink the socket of who takes the logs of this realm's components and of those below
   * @param lease with which it ends
   */
  public void createRealm(
      RealmPath path, Optional<ForeignPath> ownSink, Optional<String> lease)
      throws RealmException {
    tree.create(path, ownSink, lease);
  }

  /** Takes back what was made under a lease, and nothing else that has its name by now. */
  public void endLease(String lease) {
    Optional<String> ended = Optional.of(lease);
    for (ProvidedSink sink : List.copyOf(sinks.values())) {
      if (sink.lease().equals(ended)) {
        revoke(sink);
      }
    }
    for (Realm realm : tree.all()) {
      if (realm.lease().equals(ended) && tree.nearest(realm.path()).equals(realm)) {
        destroy(realm);
      }
    }
  }

  /**
   * Removes a realm and all in it. Their sinks are revoked, and their listeners end; connections
   * that have been handed over go on.
   */
  public void destroyRealm(RealmPath path) throws RealmException {
    if (path.depth() == 0) {
      throw new RealmException(Reason.INVALID, "the root realm cannot be destroyed");
    }
    destroy(tree.get(path));
  }

  private void destroy(Realm top) {
    List<Realm> destroyed = tree.destroy(top);
    for (ProvidedSink sink : List.copyOf(sinks.values())) {
      if (sink.component().id().realm().isIn(top.path())) {
        revoke(sink);
      }
    }
    for (Realm realm : destroyed) {
      for (ListenerKind kind : ListenerKind.values()) {
        realm.listener(kind).close();
        reroute(realm.listener(kind));
      }
    }
  }

  /**
   * Makes a connection for a component.
   *
   * @return the client's end
   */
  public Descriptor openSink(SinkRequest request) throws RealmException {
    Realm realm = realm(request);
    Optional<ForeignPath> ownSink = realm.sink();
    try {
      if (ownSink.isPresent()) {
        Descriptor client = ownSink.get().connect();
        counters.ownSinks().increment();
        return client;
      }
      StreamSocket.Pair pair = StreamSocket.pair(limits.sinkBytes());
      if (!route(
          ListenerKind.LOG_CONNECTIONS, connection(request.component(), pair.left(), null))) {
        pair.left().closeQuietly();
        pair.right().closeQuietly();
        counters.refused().increment();
        throw new RealmException(Reason.LIMIT, tooManyWait());
      }
      return pair.right();
    } catch (IOException e) {
      throw new RealmException(Reason.UNAVAILABLE, String.valueOf(e.getMessage()));
    }
  }

  /**
   * Listens at a path that will be a component's.
   *
   * @param wanted where; empty leaves it to the broker
   * @param lease with which it ends
   * @return where the component is to connect
   */
  public Path provideSink(
      SinkRequest request, Optional<ForeignPath> wanted, Optional<String> lease)
      throws RealmException {
    Realm realm = realm(request);
    Optional<ForeignPath> ownSink = realm.sink();
    if (ownSink.isPresent()) {
      if (wanted.isPresent()) {
        throw new RealmException(
            Reason.TAKEN,
            "the logs of realm %s go to a sink of its own; give the component that path, %s"
                .formatted(request.component().id().realm(), ownSink.get().path()));
      }
      return ownSink.get().path();
    }
    if (sinks.size() >= limits.sinks()) {
      throw new RealmException(
          Reason.LIMIT,
          "there are %s sinks with a path; no more are allowed".formatted(sinks.size()));
    }
    try {
      return provide(request.component(), lease, bind(wanted));
    } catch (IOException e) {
      throw new RealmException(Reason.UNAVAILABLE, String.valueOf(e.getMessage()));
    }
  }

  private ConnectionListener bind(Optional<ForeignPath> wanted) throws IOException, RealmException {
    if (wanted.isEmpty()) {
      // Whoever asks for its former path again, of a broker before this one, finds it free.
      return folder.bind(HexFormat.of().toHexDigits(names.nextLong()) + ".sink");
    }
    Path path = wanted.get().path();
    if (sinks.containsKey(path)) {
      throw new RealmException(Reason.TAKEN, "there is a sink at " + path + " already");
    }
    return folder.bind(wanted.get());
  }

  private Path provide(Component component, Optional<String> lease, ConnectionListener listener)
      throws IOException {
    try {
      ProvidedSink sink = new ProvidedSink(component, lease, listener, loop, this::connected);
      sinks.put(sink.path(), sink);
      return sink.path();
    } catch (IOException e) {
      listener.close();
      throw e;
    }
  }

  /** Ends the listening at a path; connections that came by it go on. */
  public void revokeSink(Path path) throws RealmException {
    ProvidedSink sink = sinks.get(path);
    if (sink == null) {
      throw new RealmException(Reason.INVALID, "no sink is provided at " + path);
    }
    revoke(sink);
  }

  private void revoke(ProvidedSink sink) {
    sinks.remove(sink.path());
    sink.close();
  }

  /**
   * Takes a realm's listener.
   *
   * @return the end to read its connections from; empty if somebody else has it
   */
  public Optional<Descriptor> take(RealmPath path, ListenerKind kind) throws RealmException {
    Realm realm = tree.get(path);
    try {
      Optional<Descriptor> taken = realm.listener(kind).take(loop.selector());
      Listener other = realm.listener(kind.other());
      if (taken.isPresent() && !other.isTaken()) {
        reroute(other);
      }
      return taken;
    } catch (IOException e) {
      throw new RealmException(Reason.UNAVAILABLE, String.valueOf(e.getMessage()));
    }
  }

  /** Every realm as it is now, each before those in it. */
  public List<RealmStatus> status() {
    List<RealmStatus> all = new ArrayList<>();
    for (Realm realm : tree.all()) {
      Map<ListenerKind, RealmStatus.ListenerStatus> listeners = new EnumMap<>(ListenerKind.class);
      for (ListenerKind kind : ListenerKind.values()) {
        Listener listener = realm.listener(kind);
        listeners.put(kind, new RealmStatus.ListenerStatus(listener.isTaken(), listener.waiting()));
      }
      all.add(new RealmStatus(realm.path(), realm.hasOwnSink(), listeners));
    }
    return all;
  }

  public BrokerCounters counters() {
    return counters;
  }

  /** Ends all listening; what waits is closed. */
  public void close() {
    List.copyOf(sinks.values()).forEach(this::revoke);
    for (Realm realm : tree.all()) {
      for (ListenerKind kind : ListenerKind.values()) {
        realm.listener(kind).close();
        realm.listener(kind).drain().forEach(connection -> connection.server().closeQuietly());
      }
    }
  }

  private Realm realm(SinkRequest request) throws RealmException {
    if (!request.used()) {
      throw new RealmException(
          Reason.NOT_USED,
          "%s is not said to use a sink (use_log_sink), so it is offered none"
              .formatted(request.component().id()));
    }
    RealmPath path = request.component().id().realm();
    return request.anyRealm() ? tree.nearest(path) : tree.get(path);
  }

  private PendingConnection connection(
      Component component, Descriptor server, @Nullable ProvidedSink sink) {
    return new PendingConnection(component, server, clock.instant(), sink);
  }

  /** Finds another listener for what one that is free again has left. */
  private void reroute(Listener free) {
    for (PendingConnection connection : free.drain()) {
      if (!route(free.kind(), connection)) {
        connection.server().closeQuietly();
        counters.refused().increment();
      }
    }
  }

  private void connected(ProvidedSink sink, Descriptor server) {
    if (!route(ListenerKind.EVENTS, connection(sink.component(), server, sink))) {
      server.closeQuietly();
      counters.refused().increment();
      REFUSED.warn("closed a connection to {}: {}", sink.path(), tooManyWait());
    }
  }

  private String tooManyWait() {
    return "%s connections wait for a listener; allowed are %s, and %s of one sink with a path"
        .formatted(room.waiting(), limits.waiting(), WaitingRoom.MAX_PER_SINK);
  }

  private boolean route(ListenerKind kind, PendingConnection connection) {
    Realm realm = tree.nearest(connection.component().id().realm());
    Listener listener = realm.observer(kind);
    if (!listener.isTaken() && realm.observer(kind.other()).isTaken()) {
      listener = realm.observer(kind.other()); // how it is delivered, and not to whom
    }
    boolean taken = listener.isTaken();
    if (listener.offer(connection)) {
      return true;
    }
    // A taker that had gone unnoticed has freed its listener by this: there is another observer.
    return taken && !listener.isTaken() && route(kind, connection);
  }
}
