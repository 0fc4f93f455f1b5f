package org.vmlog.demo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.freedesktop.dbus.exceptions.DBusException;
import org.vmlog.testing.FakeConcierge;
import org.vmlog.testing.ForwarderProcess;
import org.vmlog.testing.PrivateBus;

/**
 * A host in one temporary folder: a D-Bus bus, the launcher that announces VMs on it, and the
 * forwarder as it is installed. Closing ends every process; the folder stays. Confined to one
 * thread.
 */
final class DemoHost implements AutoCloseable {
  private static final Path FORWARDER = Path.of("target/vmlog/bin/vmlog-forwarder");

  private final Path folder;
  private final PrivateBus bus;
  private final ForwarderProcess forwarder;
  private final FakeConcierge concierge;

  private DemoHost(
      Path folder, PrivateBus bus, ForwarderProcess forwarder, FakeConcierge concierge) {
    this.folder = folder;
    this.bus = bus;
    this.forwarder = forwarder;
    this.concierge = concierge;
  }

  /** Starts everything in this folder; what was started is ended again if something fails. */
  static DemoHost start(Path folder) throws IOException, DBusException {
    PrivateBus bus = PrivateBus.create();
    ForwarderProcess forwarder = null;
    try {
      bus.start();
      String config =
          ForwarderProcess.configIn(folder) + "[dbus]\naddress = \"" + bus.address() + "\"\n";
      Path file = ForwarderProcess.write(folder, config);
      forwarder = ForwarderProcess.startInstalled(FORWARDER, file);
      awaitBus(forwarder);
      return new DemoHost(folder, bus, forwarder, FakeConcierge.start(bus.address()));
    } catch (IOException | DBusException | RuntimeException e) {
      if (forwarder != null) {
        forwarder.close();
      }
      bus.close();
      throw e;
    }
  }

  /** It is ready without the bus, and a signal that nobody hears is lost. */
  private static void awaitBus(ForwarderProcess forwarder) throws IOException {
    Patience.until(
        "the forwarder to follow the bus",
        () -> forwarder.log().lines().anyMatch(line -> line.endsWith("/bus is there")));
  }

  /** Announces a VM by concierge's signal and returns when its sockets are there. */
  DemoVm announce(String owner, String name, long cid) throws IOException, DBusException {
    concierge.vmStartingUp(owner, name, cid);
    Path sockets = folder.resolve("run/vm").resolve(owner);
    Path grpc = sockets.resolve(name + ".grpc");
    Path lsock = sockets.resolve(name + ".lsock");
    Patience.until("the sockets of " + name, () -> Files.exists(grpc) && Files.exists(lsock));
    Path log = folder.resolve("logs").resolve(owner).resolve(name + ".log");
    return new DemoVm(owner, name, cid, new FollowedLog(log), grpc, lsock);
  }

  /** Announces a VM's end and returns when its sockets are gone. */
  void stop(DemoVm vm) throws IOException, DBusException {
    concierge.vmStopped(vm.owner(), vm.name(), vm.cid());
    Patience.until("the end of " + vm.name(), () -> !Files.exists(vm.grpc()));
  }

  /**
   * Has somebody who is not concierge announce a VM.
   *
   * @return the line with which the forwarder says that it ignored that
   */
  String forge(String owner, String name, long cid) throws IOException, DBusException {
    try (FakeConcierge forger = FakeConcierge.forger(bus.address())) {
      forger.vmStartingUp(owner, name, cid);
      Patience.until("the forwarder's refusal", () -> refusal() != null);
    }
    return refusal();
  }

  private String refusal() {
    return forwarder
        .log()
        .lines()
        .filter(line -> line.contains("does not own"))
        .findFirst()
        .orElse(null);
  }

  @Override
  public void close() throws IOException {
    concierge.close();
    try {
      int unused = forwarder.terminate();
      Files.writeString(folder.resolve("forwarder.log"), forwarder.log() + "\n");
    } finally {
      forwarder.close();
      bus.close();
    }
  }
}
