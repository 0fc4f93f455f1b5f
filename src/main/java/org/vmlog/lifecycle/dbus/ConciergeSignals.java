package org.vmlog.lifecycle.dbus;

import static org.vmlog.identity.Claimant.Source.CONCIERGE;

import com.google.protobuf.InvalidProtocolBufferException;
import java.util.function.Consumer;
import org.freedesktop.dbus.connections.impl.DBusConnection;
import org.freedesktop.dbus.exceptions.DBusException;
import org.freedesktop.dbus.matchrules.DBusMatchRuleBuilder;
import org.freedesktop.dbus.messages.DBusSignal;
import org.freedesktop.dbus.messages.constants.MessageTypes;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.vmlog.bus.NameOwner;
import org.vmlog.identity.VmId;
import org.vmlog.identity.VmSpec;
import org.vmlog.lifecycle.LifecycleCounters;
import org.vmlog.lifecycle.VmEvent;
import org.vmlog.platform.LimitedLog;
import org.vmlog.proto.concierge.VmStartingUpSignal;
import org.vmlog.proto.concierge.VmStoppedSignal;

/**
 * Follows the starts and stops that concierge signals, each with a protobuf of the signal's name.
 *
 * <p>Any process on the bus can emit a signal of this name. One counts only if its sender owned
 * concierge's name when it was sent; every other is counted and has no other effect.
 *
 * <p>Confined to the bus connection's threads: events come out on its signal thread, in the order
 * of the bus.
 */
final class ConciergeSignals {
  private static final Logger LOG = LoggerFactory.getLogger(ConciergeSignals.class);

  /** Two, so that a forger cannot silence what there is to say about concierge itself. */
  private static final LimitedLog FORGED = LimitedLog.on(LOG);

  private static final LimitedLog MALFORMED = LimitedLog.on(LOG);

  private final Consumer<VmEvent> events;
  private final LifecycleCounters counters;

  ConciergeSignals(Consumer<VmEvent> events, LifecycleCounters counters) {
    this.events = events;
    this.counters = counters;
  }

  /** Follows them for as long as the connection lasts. */
  void follow(DBusConnection bus, NameOwner concierge) throws DBusException {
    follow(bus, concierge, "VmStartingUpSignal", ConciergeSignals::started);
    follow(bus, concierge, "VmStoppedSignal", ConciergeSignals::stopped);
  }

  /** The path is left out of the match, so that a signal of another path is seen and counted. */
  private void follow(DBusConnection bus, NameOwner concierge, String member, Parser parser)
      throws DBusException {
    bus.addGenericSigHandler(
        DBusMatchRuleBuilder.create()
            .withType(MessageTypes.SIGNAL)
            .withInterface(Concierge.NAME)
            .withMember(member)
            .build(),
        signal -> handle(signal, concierge, parser));
  }

  private void handle(DBusSignal signal, NameOwner concierge, Parser parser) {
    // First, so that nothing of a forger's signal is ever parsed.
    if (!concierge.is(signal.getSource())) {
      counters.wrongSender().increment();
      FORGED.warn(
          "{} ignored: its sender {} does not own {}",
          signal.getName(),
          signal.getSource(),
          Concierge.NAME);
      return;
    }
    VmEvent event;
    try {
      event = parser.parse(payload(signal));
    } catch (DBusException | InvalidProtocolBufferException | RuntimeException e) {
      counters.malformed().increment();
      MALFORMED.warn(
          "{} of concierge ignored: {}", signal.getName(), String.valueOf(e.getMessage()));
      return;
    }
    events.accept(event);
  }

  private static byte[] payload(DBusSignal signal) throws DBusException {
    if (!Concierge.PATH.equals(signal.getPath())) {
      throw new IllegalArgumentException(
          "its path is %s, not %s".formatted(signal.getPath(), Concierge.PATH));
    }
    if (!"ay".equals(signal.getSig())) {
      throw new IllegalArgumentException("its signature is %s, not ay".formatted(signal.getSig()));
    }
    return Concierge.payload(signal.getParameters());
  }

  static VmEvent started(byte[] payload) throws InvalidProtocolBufferException {
    VmStartingUpSignal signal = VmStartingUpSignal.parseFrom(payload);
    VmId id = new VmId(signal.getOwnerId(), signal.getName());
    // 0 is none: Plugin VM has no vsock.
    VmSpec vm = signal.getCid() == 0 ? VmSpec.named(id) : VmSpec.ofCid(id, signal.getCid());
    return new VmEvent.Started(CONCIERGE, vm.withType(VmTypes.name(signal.getVmTypeValue())));
  }

  static VmEvent stopped(byte[] payload) throws InvalidProtocolBufferException {
    VmStoppedSignal signal = VmStoppedSignal.parseFrom(payload);
    if (signal.getOwnerId().isEmpty() && signal.getName().isEmpty()) {
      return new VmEvent.CidStopped(CONCIERGE, signal.getCid());
    }
    VmId id = new VmId(signal.getOwnerId(), signal.getName());
    return new VmEvent.Stopped(CONCIERGE, id, signal.getCid());
  }

  private interface Parser {
    VmEvent parse(byte[] payload) throws InvalidProtocolBufferException;
  }
}
