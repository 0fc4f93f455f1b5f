package org.vmlog.lifecycle.dbus;

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
import org.vmlog.identity.Claim;
import org.vmlog.lifecycle.VmEvent;
import org.vmlog.platform.BusConnection;
import org.vmlog.platform.BusException;
import org.vmlog.platform.BusNames;

/**
 * Ends claims with the connections to the bus that they were leased to. A lease is the bus's id and
 * the connection's unique name, which the bus never gives to another: when the bus itself was
 * started anew, everybody's connection has ended. As long as no bus can be reached, leases last.
 *
 * <p>Thread-safe.
 */
final class Leases implements BusConnection.Client {
  private final Supplier<List<Claim>> claims;
  private final Consumer<VmEvent> events;

  /** What may have a claim that is still under way to the registry. Guarded by this. */
  private final Set<String> granted = new HashSet<>();

  private String busId = ""; // guarded by this

  /**
   * @param claims what stands claimed; claims that were saved may have leases, too
   */
  Leases(Supplier<List<Claim>> claims, Consumer<VmEvent> events) {
    this.claims = claims;
    this.events = events;
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
    claims.get().forEach(claim -> claim.lease().ifPresent(granted::add));
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
  synchronized String grant(DBusConnection bus, String holder) throws BusException {
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
    throw new BusException(ForwarderErrors.FAILED, holder + " has left the bus");
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
      events.accept(new VmEvent.LeaseEnded(lease));
    }
  }
}
