package org.vmlog.realm.dbus;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.freedesktop.dbus.connections.impl.DBusConnection;
import org.freedesktop.dbus.exceptions.DBusException;
import org.vmlog.bus.BusConnection;
import org.vmlog.bus.NameOwner;

/** Tells which broker there is, from the beginning and whenever that changes. Thread-safe. */
final class BrokerFollower implements BusConnection.Client {
  private final BrokerInterface of;
  private final Executor thread;
  private final Consumer<Optional<Broker>> onChange;

  /**
   * Makes a follower that knows no bus.
   *
   * @param of the interface whose name is followed
   * @param thread runs one task at a time, in the order they were given
   * @param onChange told of the broker, on that thread; empty if there is none any more
   */
  BrokerFollower(BrokerInterface of, Executor thread, Consumer<Optional<Broker>> onChange) {
    this.of = of;
    this.thread = thread;
    this.onChange = onChange;
  }

  @Override
  public void onConnected(DBusConnection bus) throws DBusException {
    CompletableFuture<NameOwner> name = new CompletableFuture<>();
    Runnable changed =
        () ->
            thread.execute(
                () -> onChange.accept(name.join().owner().map(owner -> new Broker(bus, owner))));
    name.complete(NameOwner.follow(bus, of.interfaceName(), changed));
    changed.run();
  }
}
