package org.vmlog.cli;

import java.util.List;
import java.util.Map;
import org.vmlog.bus.BusException;
import org.vmlog.lifecycle.dbus.ForwarderClient;
import org.vmlog.platform.Json;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code vmlog vm list}: the VMs that are live. */
@Command(
    name = "list",
    description = {
      "List the virtual machines that are live.",
      "",
      "For this you have to be root, or in the group vmlog-admin or vmlog."
    })
final class VmListCommand extends BusCommand {
  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      defaultValue = "text",
      description =
          "text, a table; or json, one object a line, with everything there is. Default:"
              + " ${DEFAULT-VALUE}.")
  private OutputFormat output = OutputFormat.text;

  @Override
  int run() throws BusException {
    try (ForwarderClient forwarder = connect()) {
      List<Map<String, Object>> vms = forwarder.list();
      if (output == OutputFormat.json) {
        vms.forEach(vm -> out().println(Json.of(vm)));
      } else {
        table(vms);
      }
      out().flush();
      return ExitCode.OK;
    }
  }

  private void table(List<Map<String, Object>> vms) {
    TextTable table = new TextTable().row("VM", "CID", "TYPE", "SINCE", "CLAIMED BY", "LOG");
    for (Map<String, Object> vm : vms) {
      List<?> claimedBy = (List<?>) vm.getOrDefault("claimed_by", List.of());
      table.row(
          Shown.text(vm.get("owner") + "/" + vm.get("name")),
          Shown.text(vm.getOrDefault("cid", "-")),
          Shown.text(vm.getOrDefault("type", "-")),
          Shown.time(vm.getOrDefault("started", 0L)),
          Shown.text(String.join(",", claimedBy.stream().map(String::valueOf).toList())),
          Shown.text(vm.getOrDefault("log", "-")));
    }
    table.print(out(), 0);
  }
}
