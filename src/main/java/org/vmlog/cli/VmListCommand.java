package org.vmlog.cli;

import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.vmlog.lifecycle.dbus.ForwarderClient;
import org.vmlog.platform.BusException;
import org.vmlog.platform.OneLine;
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
  private static final DateTimeFormatter SINCE =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss", Locale.ROOT)
          .withZone(ZoneId.systemDefault());

  private static final List<String> HEAD =
      List.of("VM", "CID", "TYPE", "SINCE", "CLAIMED BY", "LOG");

  enum Output {
    text,
    json
  }

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      defaultValue = "text",
      description =
          "text, a table; or json, one object a line, with everything there is. Default:"
              + " ${DEFAULT-VALUE}.")
  private Output output = Output.text;

  @Override
  int run() throws BusException {
    try (ForwarderClient forwarder = connect()) {
      List<Map<String, Object>> vms = forwarder.list();
      if (output == Output.json) {
        vms.forEach(vm -> out().println(Json.of(vm)));
      } else {
        table(vms);
      }
      out().flush();
      return ExitCode.OK;
    }
  }

  private void table(List<Map<String, Object>> vms) {
    List<List<String>> rows = new ArrayList<>(List.of(HEAD));
    vms.forEach(vm -> rows.add(row(vm)));
    int[] widths = new int[HEAD.size()];
    for (List<String> row : rows) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    for (List<String> row : rows) {
      StringBuilder line = new StringBuilder();
      for (int i = 0; i < widths.length; i++) {
        line.append(row.get(i)).append(" ".repeat(widths[i] - row.get(i).length() + 2));
      }
      out().println(line.toString().stripTrailing());
    }
  }

  private static List<String> row(Map<String, Object> vm) {
    long micros = (Long) vm.getOrDefault("started", 0L);
    Object claimedBy = vm.getOrDefault("claimed_by", List.of());
    return List.of(
        shown(vm.get("owner") + "/" + vm.get("name")),
        shown(vm.getOrDefault("cid", "-")),
        shown(vm.getOrDefault("type", "-")),
        SINCE.format(Instant.ofEpochSecond(micros / 1_000_000)),
        shown(String.join(",", ((List<?>) claimedBy).stream().map(String::valueOf).toList())),
        shown(vm.getOrDefault("log", "-")));
  }

  private static String shown(Object value) {
    return OneLine.of(String.valueOf(value));
  }
}
