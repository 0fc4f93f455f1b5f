package org.vmlog.cli;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.vmlog.bus.BusException;
import org.vmlog.lifecycle.dbus.ForwarderClient;
import org.vmlog.lifecycle.dbus.ForwarderClient.Announcement;
import org.vmlog.platform.ForwardedSignals;
import org.vmlog.platform.ProcessSignals;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;

/** {@code vmlog vm start}: a VM is about to run. */
@Command(
    name = "start",
    description = {
      "Tell the forwarder that a virtual machine is about to run.",
      "",
      "Returns when the VM's sockets are open, so that no line of it can be too early. With --lease"
          + " it stays, and the VM is gone when it ends; with a command after that, it runs the"
          + " command and ends with it."
    })
final class VmStartCommand extends BusCommand {
  @Parameters(
      index = "0",
      paramLabel = "OWNER/NAME",
      converter = VmName.Converter.class,
      description = "The VM. The owner ends at the first slash.")
  private VmName vm = new VmName("", "");

  @Parameters(
      index = "1..*",
      paramLabel = "CMD",
      description = "With --lease: what to run meanwhile. Write -- before it.")
  private List<String> command = List.of();

  @Option(names = "--cid", paramLabel = "N", description = "Its vsock context id, 3 to 4294967294.")
  private @Nullable Long cid;

  @Option(
      names = "--address",
      paramLabel = "ADDRESS",
      description = "Where its TCP connections come from.")
  private @Nullable String address;

  @Option(
      names = "--hybrid-vsock",
      paramLabel = "PATH",
      description =
          "Its VMM's vsock socket. The forwarder listens on that path with _9999 appended.")
  private @Nullable String hybridVsock;

  @Option(
      names = "--type",
      paramLabel = "TYPE",
      description = "What kind of VM it is, for people; such as the VMM's name.")
  private @Nullable String type;

  @Option(names = "--lease", description = "Stay, and have the VM end with this.")
  private boolean lease;

  @Option(
      names = "--print-launch",
      paramLabel = "LAUNCHER",
      converter = Launcher.Converter.class,
      description =
          "Print what to add to the command or file that starts the VM, so that a guest without an"
              + " agent logs: for qemu, libvirt, cloud-hypervisor, firecracker, crosvm or vmspawn.")
  private @Nullable Launcher launcher;

  @Override
  int run() throws BusException, InterruptedException {
    if (!command.isEmpty() && !lease) {
      throw new ParameterException(spec().commandLine(), "A command needs --lease");
    }
    if (cid != null && (cid < 0 || cid > 0xFFFF_FFFFL)) {
      throw new ParameterException(
          spec().commandLine(), "--cid " + cid + ": allowed is 3 to 4294967294");
    }
    Announcement announcement =
        new Announcement(
            vm.owner(),
            vm.name(),
            cid == null ? OptionalLong.empty() : OptionalLong.of(cid),
            Optional.ofNullable(address),
            Optional.ofNullable(hybridVsock),
            Optional.ofNullable(type),
            lease);
    if (!lease) {
      try (ForwarderClient forwarder = connect()) {
        forwarder.register(announcement);
        printLaunch(forwarder);
        return ExitCode.OK;
      }
    }
    LeasedVm leased = LeasedVm.announce(this::connect, announcement, this::warn);
    try {
      if (launcher != null) {
        try (ForwarderClient forwarder = connect()) {
          printLaunch(forwarder);
        }
      }
      return command.isEmpty() ? waitForSignal() : runCommand();
    } finally {
      leased.close();
    }
  }

  private void printLaunch(ForwarderClient forwarder) throws BusException {
    if (launcher == null) {
      return;
    }
    String console =
        forwarder.list().stream()
            .filter(live -> vm.owner().equals(live.get("owner")))
            .filter(live -> vm.name().equals(live.get("name")))
            .map(live -> String.valueOf(live.get("console_socket")))
            .findFirst()
            .orElseThrow(() -> new IllegalArgumentException(vm + " was stopped meanwhile"));
    Launcher.Vm known =
        new Launcher.Vm(
            cid == null ? OptionalLong.empty() : OptionalLong.of(cid),
            Optional.ofNullable(hybridVsock),
            console);
    launcher.lines(known).forEach(out()::println);
    out().flush();
    if (!known.hasVsock()) {
      warn("without --cid or --hybrid-vsock there is no vsock, and so no journal");
    }
  }

  private int waitForSignal() throws InterruptedException {
    CountDownLatch stop = new CountDownLatch(1);
    ProcessSignals.onTerminate(stop::countDown);
    warn(vm + " is live until this ends");
    stop.await();
    return ExitCode.OK;
  }

  /** The command's own exit code; 128 and the signal's number if one ended it. */
  private int runCommand() throws InterruptedException {
    try {
      Process child = new ProcessBuilder(command).inheritIO().start();
      ForwardedSignals.to(child, () -> {});
      return child.waitFor();
    } catch (IOException e) {
      warn(String.valueOf(e.getMessage()));
      return ExitCode.UNAVAILABLE;
    }
  }
}
