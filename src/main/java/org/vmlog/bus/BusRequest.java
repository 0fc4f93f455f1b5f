package org.vmlog.bus;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.freedesktop.dbus.FileDescriptor;
import org.freedesktop.dbus.connections.impl.DBusConnection;
import org.freedesktop.dbus.exceptions.DBusException;
import org.freedesktop.dbus.exceptions.DBusExecutionException;
import org.freedesktop.dbus.messages.Message;
import org.freedesktop.dbus.messages.MethodCall;
import org.freedesktop.dbus.messages.constants.Flags;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.vmlog.platform.Descriptor;

/**
 * A method call from somebody on the bus, to be answered once. When it is, the descriptors that
 * came with it and that nobody took are closed. Thread-safe.
 */
public final class BusRequest {
  private static final Logger LOG = LoggerFactory.getLogger(BusRequest.class);

  private final DBusConnection bus;
  private final MethodCall call;
  private final Map<Integer, Descriptor> descriptors = new HashMap<>(); // guarded by itself
  private final AtomicBoolean answered = new AtomicBoolean();

  BusRequest(DBusConnection bus, MethodCall call, List<Descriptor> descriptors) {
    this.bus = bus;
    this.call = call;
    for (int i = 0; i < descriptors.size(); i++) {
      int number = call.getFiledescriptors().get(i).getIntFileDescriptor();
      this.descriptors.put(number, descriptors.get(i));
    }
  }

  /** The connection the call came over, for asking the bus about its sender. */
  public DBusConnection bus() {
    return bus;
  }

  /** Who calls, as the bus has it: a unique name, which is never given to another connection. */
  public String sender() {
    return call.getSource();
  }

  /** The interface that was named, which the caller need not do. */
  public Optional<String> interfaceName() {
    return Optional.ofNullable(call.getInterface());
  }

  public String member() {
    return call.getName();
  }

  /** The types of the arguments; empty if there are none. */
  public String signature() {
    return Optional.ofNullable(call.getSig()).orElse("");
  }

  /**
   * The arguments, as dbus-java has them.
   *
   * @throws BusException if they are of other types or cannot be read
   */
  public Object[] arguments(String signature) throws BusException {
    if (!signature.equals(signature())) {
      throw new BusException(
          BusException.INVALID_ARGUMENTS,
          "the arguments of %s are \"%s\"; allowed is \"%s\""
              .formatted(member(), signature(), signature));
    }
    try {
      return signature.isEmpty() ? new Object[0] : call.getParameters();
    } catch (DBusException | RuntimeException e) {
      throw new BusException(
          BusException.INVALID_ARGUMENTS, "the arguments of " + member() + " cannot be read: " + e);
    }
  }

  /** Takes the descriptor that an argument of type {@code h} stands for. The caller closes it. */
  public Descriptor take(FileDescriptor handle) throws BusException {
    synchronized (descriptors) {
      Descriptor taken = descriptors.remove(handle.getIntFileDescriptor());
      if (taken == null) {
        throw new BusException(
            BusException.INVALID_ARGUMENTS, "a descriptor is named twice; allowed is once");
      }
      return taken;
    }
  }

  /** How many descriptors came that are not taken. */
  public int untaken() {
    synchronized (descriptors) {
      return descriptors.size();
    }
  }

  /** Answers without a value. */
  public void reply() {
    reply("");
  }

  /** Answers with values of these types. */
  public void reply(String signature, Object... values) {
    reply(List.of(), signature, values);
  }

  /**
   * Answers with values among which are {@link Descriptor#handle handles}.
   *
   * @param given what they stand for; closed when the answer is on its way, or cannot be
   */
  public void reply(List<Descriptor> given, String signature, Object... values) {
    send(
        given,
        () ->
            bus.getMessageFactory()
                .createMethodReturn(
                    call, signature.isEmpty() ? null : signature, countable(given, values)));
  }

  /**
   * A message has to say how many descriptors it comes with, and dbus-java counts only those that
   * are values themselves, not those within an array. Values beyond the signature are counted, and
   * nothing else becomes of them.
   */
  private static Object[] countable(List<Descriptor> given, Object[] values) {
    List<Object> counted = new ArrayList<>(Arrays.asList(values));
    long known = counted.stream().filter(FileDescriptor.class::isInstance).count();
    for (long i = known; i < given.size(); i++) {
      counted.add(new FileDescriptor(0));
    }
    return counted.toArray();
  }

  /** Answers with an error. */
  public void fail(BusException error) {
    send(
        List.of(),
        () ->
            bus.getMessageFactory()
                .createError(
                    call.getSource(), error.name(), call.getSerial(), "s", error.getMessage()));
  }

  @FunctionalInterface
  private interface Answer {
    Message make() throws DBusException;
  }

  private void send(List<Descriptor> given, Answer answer) {
    boolean handedOver = false;
    try {
      if (!answered.compareAndSet(false, true)) {
        throw new IllegalStateException(member() + " is answered already");
      }
      if ((call.getFlags() & Flags.NO_REPLY_EXPECTED) == 0) {
        Message message = answer.make();
        BusTransport.of(bus).give(message, given);
        handedOver = true;
        bus.sendMessage(message);
      }
    } catch (DBusException | DBusExecutionException e) {
      // Nobody is left to tell: the caller hears from the bus that we are gone.
      LOG.debug("{} of {} cannot be answered", member(), sender(), e);
    } finally {
      if (!handedOver) {
        given.forEach(Descriptor::closeQuietly);
      }
      synchronized (descriptors) {
        descriptors.values().forEach(Descriptor::closeQuietly);
        descriptors.clear();
      }
    }
  }

  /** What stands for a descriptor among the values of an answer; good until that is closed. */
  public static FileDescriptor handle(Descriptor descriptor) throws IOException {
    return new FileDescriptor(descriptor.number());
  }
}
