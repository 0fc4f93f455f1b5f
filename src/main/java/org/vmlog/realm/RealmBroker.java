package org.vmlog.realm;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import org.vmlog.identity.ComponentId;
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
  private static final LimitedLog REFUSED =
      LimitedLog.on(LoggerFactory.getLogger(RealmBroker.class));

  /** How often connections that nobody takes are looked at. */
  private static final Duration LOOK = Duration.ofMillis(250);

  private final BrokerLimits limits;
  private final SinkFolder folder;
  private final SelectorLoop loop;
  private final InstantSource clock;
  private final BrokerCounters counters = new BrokerCounters();
  private final WaitingRoom room;
  private final Listener.BrokerContext context;
  private final RealmTree tree;
  private final Optional<PlainSink> plain;
  private boolean looking;
  private final Map<Path, ProvidedSink> sinks = new LinkedHashMap<>();

  public RealmBroker(
      BrokerLimits limits, SinkFolder folder, SelectorLoop loop, InstantSource clock) {
    this.limits = limits;
    this.folder = folder;
    this.loop = loop;
    this.clock = clock;
    this.room = new WaitingRoom(limits.waiting());
    this.plain = limits.plain().map(path -> new PlainSink(path, limits.waiting(), loop));
    this.context = new Listener.BrokerContext(room, PacketSocket.newBuffer(), counters);
    this.tree =
        new RealmTree(
            limits.realms(),
            (path, kind) -> new Listener(kind, path, context, all -> true, this::reroute));
  }

  /**
   * Makes a realm.
   *
   * @param ownSink the socket of who takes the logs of this realm's components and of those below
   * @param lease with which it ends
   */
  public void createRealm(RealmPath path, Optional<ForeignPath> ownSink, Optional<String> lease)
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
      for (Listener listener : realm.listeners()) {
        listener.close();
        reroute(listener);
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
   * @param uid the user who alone may connect there
   * @return where the component is to connect
   */
  public Path provideSink(
      SinkRequest request, Optional<ForeignPath> wanted, Optional<String> lease, Optional<Long> uid)
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
      return provide(request.component(), lease, uid, bind(wanted));
    } catch (IOException e) {
      throw new RealmException(Reason.UNAVAILABLE, String.valueOf(e.getMessage()));
    }
  }

  private ConnectionListener bind(Optional<ForeignPath> wanted) throws IOException, RealmException {
    if (wanted.isPresent() && sinks.containsKey(wanted.get().path())) {
      throw new RealmException(
          Reason.TAKEN, "there is a sink at " + wanted.get().path() + " already");
    }
    return wanted.isPresent() ? folder.bind(wanted.get()) : folder.bind();
  }

  private Path provide(
      Component component, Optional<String> lease, Optional<Long> uid, ConnectionListener listener)
      throws IOException {
    try {
      ProvidedSink sink = new ProvidedSink(component, lease, uid, listener, loop, this::connected);
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

  /**
   * Takes the events of some components of a realm, which goes before whoever takes all of them.
   *
   * @param wants which, named from that realm; asked in the order of the streams' making
   */
  public Descriptor subscribe(RealmPath path, Predicate<ComponentId> wants) throws RealmException {
    Realm realm = tree.get(path);
    Listener stream = realm.addStream(context, wants, this::reroute);
    try {
      Descriptor taken = stream.take(loop.selector()).orElseThrow();
      reroute(realm.listener(ListenerKind.EVENTS)); // what waited may be this one's
      return taken;
    } catch (IOException e) {
      realm.streams().remove(stream);
      throw new RealmException(Reason.UNAVAILABLE, String.valueOf(e.getMessage()));
    }
  }

  /** Every realm as it is now, each before those in it. */
  public List<RealmStatus> status() {
    return tree.all().stream().map(Realm::status).toList();
  }

  public BrokerCounters counters() {
    return counters;
  }

  /** Opens plainly, at the forwarder, what has waited for long enough with nobody taking events. */
  private void openPlainly(PlainSink sink) {
    looking = false;
    Listener root = tree.nearest(RealmPath.HERE).listener(ListenerKind.EVENTS);
    if (root.isTaken()) {
      return;
    }
    Instant due = clock.instant().minus(limits.hold());
    for (PendingConnection connection : root.drain()) {
      if (connection.connectedAt().isAfter(due) || !sink.open(connection)) {
        routeOrClose(ListenerKind.EVENTS, connection);
      }
    }
  }

  /** Ends all listening; what waits, and what was opened plainly, is closed. */
  public void close() {
    plain.ifPresent(PlainSink::close);
    List.copyOf(sinks.values()).forEach(this::revoke);
    for (Realm realm : tree.all()) {
      for (Listener listener : realm.listeners()) {
        listener.close();
        listener.drain().forEach(connection -> connection.server().closeQuietly());
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
    free.drain().forEach(connection -> routeOrClose(free.kind(), connection));
  }

  private void routeOrClose(ListenerKind kind, PendingConnection connection) {
    if (!route(kind, connection)) {
      connection.server().closeQuietly();
      counters.refused().increment();
      REFUSED.warn("closed a connection of {}: {}", connection.component().id(), tooManyWait());
    }
  }

  private void connected(ProvidedSink sink, Descriptor server) {
    routeOrClose(ListenerKind.EVENTS, connection(sink.component(), server, sink));
  }

  private String tooManyWait() {
    return "%s connections wait for a listener; allowed are %s, and %s of one sink with a path"
        .formatted(room.waiting(), limits.waiting(), WaitingRoom.MAX_PER_SINK);
  }

  private void lookLater(PlainSink sink) {
    looking = true;
    loop.executeAfter(LOOK, () -> openPlainly(sink));
  }

  private boolean route(ListenerKind kind, PendingConnection connection) {
    Realm realm = tree.nearest(connection.component().id().realm());
    Listener listener = realm.observer(kind, connection.component());
    Listener other = realm.observer(kind.other(), connection.component());
    if (!listener.isTaken() && other.isTaken()) {
      listener = other; // how it is delivered, and not to whom
    }
    boolean taken = listener.isTaken();
    if (listener.offer(connection)) {
      if (!listener.isTaken() && kind == ListenerKind.EVENTS && !looking) {
        plain.ifPresent(this::lookLater);
      }
      return true;
    }
    // A taker that had gone unnoticed has freed its listener by this: there is another observer.
    return taken && !listener.isTaken() && route(kind, connection);
  }
}
