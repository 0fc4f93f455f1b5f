package org.vmlog.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vmlog.testing.Await;
import org.vmlog.testing.FakeVmServices;
import org.vmlog.testing.ForwarderProcess;
import org.vmlog.testing.PrivateBus;
import org.vmlog.testing.TestHost;

/** VMs that others keep track of are live without anybody telling the forwarder. */
final class VmServicesTest {
  @TempDir Path folder;

  @Test
  void vms_ofMachinedAndLibvirt_areLiveWhileTheyRun() throws Exception {
    assumeTrue(PrivateBus.isAvailable(), "dbus-daemon is missing (Debian package dbus-daemon)");
    assumeTrue(
        FakeVmServices.isAvailable(), "GLib for Python is missing (Debian package python3-gi)");
    try (PrivateBus bus = PrivateBus.create().start();
        FakeVmServices services = FakeVmServices.on(bus.address())) {
      TestHost host =
          new TestHost(folder)
              .with("[dbus]\naddress = \"" + bus.address() + "\"\nmachined = true\nlibvirt = true");
      services.own(FakeVmServices.MACHINED).own(FakeVmServices.LIBVIRT);
      services.machine(
          "web-1", false, "Class", "s", "\"vm\"", "Service", "s", "\"x\"", "VSockCID", "u", "42");
      try (ForwarderProcess forwarder = host.start()) {
        forwarder.awaitLog("VM machined/web-1 (CID 42, generation 1) is live");

        services.domain(
            "1",
            "<domain id='1'><name>db-1</name><devices><vsock><cid address='43'/></vsock></devices>"
                + "</domain>",
            FakeVmServices.STARTED);
        forwarder.awaitLog("VM libvirt/db-1 (CID 43, generation 2) is live");
        assertThat(host.grpcSocket("libvirt", "db-1")).exists();

        services.removed("web-1", true);
        Await.until(
            "its sockets are gone", () -> Files.notExists(host.grpcSocket("machined", "web-1")));
      }
    }
  }
}
