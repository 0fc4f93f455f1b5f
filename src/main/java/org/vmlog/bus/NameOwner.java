package org.vmlog.bus;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.Optional;
import org.freedesktop.dbus.connections.impl.DBusConnection;
import org.freedesktop.dbus.exceptions.DBusException;
import org.freedesktop.dbus.matchrules.DBusMatchRuleBuilder;
import org.freedesktop.dbus.messages.DBusSignal;
import org.freedesktop.dbus.messages.Error;
import org.freedesktop.dbus.messages.Message;
import org.freedesktop.dbus.messages.constants.MessageTypes;
import org.jspecify.annotations.Nullable;

/**
 * Who owns a well-known name, as of the signal that is being handled.
 *
 * <p>Anybody may emit any signal, and the bus stamps it with the sender's unique name alone. To ask
 * who owns the name when a signal is handled would be too late: the last signal of a service that
 * just died would count as forged. The bus puts NameOwnerChanged in the same stream as the signals,
 * so following it there gives the owner at the moment each signal was sent. A match for the
 * service's signals must be added after {@link #follow} has returned; then no signal can be handled
 * before the owner it was sent under is known.
 *
 * <p>Thread-safe; the answer is exact on the connection's one signal thread.
 */
public final class NameOwner {
  private static final String NO_OWNER = "org.freedesktop.DBus.Error.NameHasNoOwner";

  private final String name;
  private final Runnable onChange;

  @GuardedBy("this")
  private @Nullable String owner;

  private NameOwner(String name, Runnable onChange) {
    this.name = name;
    this.onChange = onChange;
  }

  /**
   * Starts to follow the owner of a name for as long as the connection lasts.
   *
   * @param onChange is called on the signal thread when there is another owner, or none any more,
   *     before any signal that was sent after that is handled
   * @throws DBusException if the bus does not answer
   */
  public static NameOwner follow(DBusConnection bus, String name, Runnable onChange)
      throws DBusException {
    NameOwner owner = new NameOwner(name, onChange);
    // A change that comes before the answer to the question has to wait for it, or the older
    // answer would overwrite it.
    synchronized (owner) {
      bus.addGenericSigHandler(
          DBusMatchRuleBuilder.create()
              .withType(MessageTypes.SIGNAL)
              .withSender(BusCall.BUS)
              .withInterface(BusCall.BUS)
              .withMember("NameOwnerChanged")
              .withArg0123(0, name)
              .build(),
          owner::changed);
      owner.owner = ask(bus, name);
    }
    return owner;
  }

  /** Whether this sender, as the bus stamped it on a signal, owns the name. */
  public synchronized boolean is(@Nullable String sender) {
    return sender != null && sender.equals(owner);
  }

  /** The unique name of the owner; empty when nobody owns the name. */
  public synchronized Optional<String> owner() {
    return Optional.ofNullable(owner);
  }

  private static @Nullable String ask(DBusConnection bus, String name) throws DBusException {
    Message reply = BusCall.call(bus, BusCall.BUS, "GetNameOwner", "s", name);
    if (reply instanceof Error error) {
      if (NO_OWNER.equals(error.getName())) {
        return null;
      }
      throw new DBusException("GetNameOwner(" + name + "): " + error.getName());
    }
    return (String) reply.getParameters()[0];
  }

  /** Arguments: name, old owner, new owner; the empty string is nobody. */
  private void changed(DBusSignal signal) {
    // The match rule only says what the bus broadcasts; a signal sent to us alone needs no match.
    if (!BusCall.BUS.equals(signal.getSource()) || !"sss".equals(signal.getSig())) {
      return;
    }
    try {
      Object[] arguments = signal.getParameters();
      if (name.equals(arguments[0])) {
        String next = (String) arguments[2];
        synchronized (this) {
          owner = next.isEmpty() ? null : next;
        }
        onChange.run();
      }
    } catch (DBusException e) {
      throw new IllegalStateException("NameOwnerChanged of " + name + " does not parse", e);
    }
  }
}
