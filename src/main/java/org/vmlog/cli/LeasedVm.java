package org.vmlog.cli;

import java.time.Duration;
import java.util.function.Consumer;
import org.vmlog.bus.BusException;
import org.vmlog.lifecycle.dbus.ForwarderClient;
import org.vmlog.lifecycle.dbus.ForwarderClient.Announcement;

/**
 * A VM that is announced for as long as this is open: a bus that was started anew has forgotten the
 * connection that the claim was leased to, so the VM is announced again.
 *
 * <p>Closed by the thread that opened it; it has one of its own meanwhile.
 */
final class LeasedVm {
  private static final Duration RETRY = Duration.ofSeconds(1);

  /** Connects to the forwarder's bus. */
  interface Connector {
    ForwarderClient connect() throws BusException;
  }

  private final Connector connector;
  private final Announcement vm;
  private final Consumer<String> warnings;
  private final Thread keeper;
  private ForwarderClient forwarder; // the keeper's, until that has ended

  private LeasedVm(
      Connector connector, Announcement vm, Consumer<String> warnings, ForwarderClient forwarder) {
    this.connector = connector;
    this.vm = vm;
    this.warnings = warnings;
    this.forwarder = forwarder;
    this.keeper = new Thread(this::keep, "lease");
    keeper.setDaemon(true);
  }

  /** Announces the VM; returns when its sockets are open. */
  static LeasedVm announce(Connector connector, Announcement vm, Consumer<String> warnings)
      throws BusException {
    LeasedVm leased = new LeasedVm(connector, vm, warnings, register(connector, vm));
    leased.keeper.start();
    return leased;
  }

  private static ForwarderClient register(Connector connector, Announcement vm)
      throws BusException {
    ForwarderClient forwarder = connector.connect();
    try {
      forwarder.register(vm);
      return forwarder;
    } catch (BusException | RuntimeException e) {
      forwarder.close();
      throw e;
    }
  }

  private void keep() {
    try {
      while (true) {
        forwarder.awaitLoss();
        forwarder.close();
        warnings.accept("the connection to the bus is lost; announcing the VM again");
        announceAgain();
      }
    } catch (InterruptedException e) {
      // close() has interrupted; what is left is its.
    }
  }

  private void announceAgain() throws InterruptedException {
    String told = "";
    while (true) {
      try {
        forwarder = register(connector, vm);
        warnings.accept("the VM is announced again");
        return;
      } catch (BusException e) {
        String reason = BusCommand.explain(e, BusCommand.FORWARDER);
        if (!reason.equals(told)) {
          warnings.accept(reason + "; trying again");
          told = reason;
        }
      }
      Thread.sleep(RETRY.toMillis());
    }
  }

  /** Ends the lease. */
  void close() {
    keeper.interrupt();
    try {
      keeper.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    forwarder.close();
  }
}
