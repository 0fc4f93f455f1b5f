package org.vmlog.cli;

import org.vmlog.bus.BusException;
import org.vmlog.lifecycle.dbus.ForwarderClient;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code vmlog vm stop}: a VM is gone. */
@Command(
    name = "stop",
    description = {
      "Tell the forwarder that a virtual machine is gone.",
      "",
      "Only who announced it can: the user that started it. Its log stays."
    })
final class VmStopCommand extends BusCommand {
  @Parameters(
      paramLabel = "OWNER/NAME",
      converter = VmName.Converter.class,
      description = "The VM. The owner ends at the first slash.")
  private VmName vm = new VmName("", "");

  @Override
  int run() throws BusException {
    try (ForwarderClient forwarder = connect()) {
      forwarder.unregister(vm.owner(), vm.name());
      return ExitCode.OK;
    }
  }
}
