package org.vmlog.bus;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.freedesktop.dbus.connections.impl.DBusConnection;
import org.freedesktop.dbus.exceptions.DBusException;
import org.freedesktop.dbus.matchrules.DBusMatchRuleBuilder;
import org.freedesktop.dbus.messages.DBusSignal;
import org.freedesktop.dbus.messages.constants.MessageTypes;

/**
 * Ends what was leased to connections to the bus when these end. A lease is the bus's id and the
 * connection's unique name, which the bus never gives to another: when the bus itself was started
 * anew, everybody's connection has ended. As long as no bus can be reached, leases last.
 *
 * <p>Thread-safe.
 */
public final class BusLeases implements BusConnection.Client {
  private final Supplier<List<String>> standing;
  private final Consumer<String> ended;

  /** What may not stand anywhere yet. Guarded by this. */
  private final Set<String> granted = new HashSet<>();

  private String busId = ""; // guarded by this

  /**
   * Makes an empty book of leases.
   *
   * @param standing what else is leased, such as by what was saved
   * @param ended told once of each lease that has ended; must not block
   */
  public BusLeases(Supplier<List<String>> standing, Consumer<String> ended) {
    this.standing = standing;
    this.ended = ended;
  }

  @Override
  public synchronized void onConnected(DBusConnection bus) throws DBusException {
    busId = BusNames.busId(bus);
    bus.addGenericSigHandler(
        DBusMatchRuleBuilder.create()
            .withType(MessageTypes.SIGNAL)
            .withSender(BusNames.BUS)
            .withInterface(BusNames.BUS)
            .withMember("NameOwnerChanged")
            .withArg0123(2, "") // whoever has gone
            .build(),
        this::changed);
    granted.addAll(standing.get());
    for (String lease : new ArrayList<>(granted)) {
      Optional<String> holder = holder(lease);
      if (holder.isEmpty() || !BusNames.hasOwner(bus, holder.get())) {
        end(lease);
      }
    }
  }

  /**
   * A lease for a connection that is there now.
   *
   * @throws BusException if it has gone
   */
  public synchronized String grant(DBusConnection bus, String holder) throws BusException {
    String lease = busId + holder;
    granted.add(lease);
    try {
      if (BusNames.hasOwner(bus, holder)) {
        return lease;
      }
    } catch (DBusException e) {
      // As if it had gone: we have, and so will its answer.
    }
    granted.remove(lease);
    throw new BusException(BusErrors.FAILED, holder + " has left the bus");
  }

  /** Whether a lease that was granted has not ended. */
  public synchronized boolean stands(String lease) {
    return granted.contains(lease);
  }

  /** Whose it is; empty if the lease is of another bus than this one. */
  private Optional<String> holder(String lease) {
    return lease.startsWith(busId + ":")
        ? Optional.of(lease.substring(busId.length()))
        : Optional.empty();
  }

  /** Arguments: name, old owner, new owner; the empty string is nobody. */
  private synchronized void changed(DBusSignal signal) {
    if (!BusNames.BUS.equals(signal.getSource()) || !"sss".equals(signal.getSig())) {
      return;
    }
    try {
      Object[] arguments = signal.getParameters();
      if ("".equals(arguments[2])) {
        end(busId + arguments[0]);
      }
    } catch (DBusException e) {
      throw new IllegalStateException("NameOwnerChanged does not parse", e);
    }
  }

  private void end(String lease) {
    if (granted.remove(lease)) {
      ended.accept(lease);
    }
  }
}
