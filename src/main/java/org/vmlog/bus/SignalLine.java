package org.vmlog.bus;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.freedesktop.dbus.connections.impl.DBusConnection;
import org.freedesktop.dbus.exceptions.DBusException;
import org.freedesktop.dbus.matchrules.DBusMatchRuleBuilder;
import org.freedesktop.dbus.messages.DBusSignal;
import org.freedesktop.dbus.messages.constants.MessageTypes;

/**
 * Gets tasks in line with the signals of a connection.
 *
 * <p>The bus keeps an order over all that it sends to one connection, but dbus-java hands replies
 * and signals to different threads, where a reply overtakes the signals that were sent before it.
 * So a task is sent on its way as a signal of our own: when that comes back, everything that came
 * before has been handled, and nothing that came after.
 *
 * <p>Thread-safe; tasks run on the connection's one signal thread.
 */
public final class SignalLine {
  private static final String PATH = "/org/vmlog/SignalLine";
  private static final String INTERFACE = "org.vmlog.SignalLine";
  private static final String MEMBER = "Next";

  private final DBusConnection bus;
  private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();

  private SignalLine(DBusConnection bus) {
    this.bus = bus;
  }

  /**
   * Makes the line of a connection, which has one at most.
   *
   * @throws DBusException if the bus does not let us listen
   */
  public static SignalLine of(DBusConnection bus) throws DBusException {
    SignalLine line = new SignalLine(bus);
    bus.addGenericSigHandler(
        DBusMatchRuleBuilder.create()
            .withType(MessageTypes.SIGNAL)
            .withSender(bus.getUniqueName())
            .withInterface(INTERFACE)
            .withMember(MEMBER)
            .build(),
        line::next);
    return line;
  }

  /**
   * Runs a task once every signal is handled that has come in until now.
   *
   * @throws DBusException if the connection is lost; the task may still be run
   */
  public void add(Runnable task) throws DBusException {
    // In one piece, for tasks run in the order of the signals.
    synchronized (tasks) {
      tasks.add(task);
      try {
        bus.sendMessage(bus.getMessageFactory().createSignal(null, PATH, INTERFACE, MEMBER, null));
      } catch (RuntimeException e) { // dbus-java's NotConnected
        throw new DBusException("not connected", e);
      }
    }
  }

  private void next(DBusSignal signal) {
    // The match rule only says what the bus broadcasts; a signal sent to us alone needs no match.
    Runnable task = bus.getUniqueName().equals(signal.getSource()) ? tasks.poll() : null;
    if (task != null) {
      task.run();
    }
  }
}
