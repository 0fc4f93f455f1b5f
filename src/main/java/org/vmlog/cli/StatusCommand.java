package org.vmlog.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.vmlog.bus.BusException;
import org.vmlog.lifecycle.dbus.ForwarderClient;
import org.vmlog.platform.Amount;
import org.vmlog.platform.Json;
import org.vmlog.ship.ShipReport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code vmlog status}: what VMs and others have sent, and what became of it. */
@Command(
    name = "status",
    description = {
      "Show what virtual machines have logged, and what became of it.",
      "",
      "Of one, it says all there is, whether it is live or was lately; also of a component or a"
          + " user of this host. Otherwise it has a line for each virtual machine that is live, and"
          + " what the forwarder counts.",
      "",
      "Counts begin when the forwarder starts. For this you have to be root, or in the group"
          + " vmlog-admin or vmlog."
    })
final class StatusCommand extends BusCommand {
  @Parameters(
      paramLabel = "NAME",
      arity = "0..1",
      converter = SourceName.Converter.class,
      description =
          "A VM, as NAME if it is live, or OWNER/NAME, where the owner ends at the first slash;"
              + " a component, as"
              + " @realms/REALM/NAME; a user, as @host/UID.")
  private @Nullable SourceName source;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      defaultValue = "text",
      description =
          "text; or json, one object a line: each VM, and last, if no VM is named, the"
              + " counters, and how shipping goes."
              + " Default: ${DEFAULT-VALUE}.")
  private OutputFormat output = OutputFormat.text;

  @Option(
      names = "--ship-state",
      paramLabel = "DIR",
      description =
          "The state folder of the vmlog-ship to look at. Default: what the forwarder's"
              + " configuration says, or /var/lib/vmlog-ship.")
  private @Nullable Path shipState;

  @Override
  int run() throws BusException {
    try (ForwarderClient forwarder = connect()) {
      int code = ExitCode.OK;
      if (source == null) {
        all(forwarder);
      } else if (source instanceof SourceName.Vm vm) {
        code = one(forwarder, vm.name());
      } else if (source instanceof SourceName.NameAlone alone) {
        code = one(forwarder, alone.name());
      } else {
        code = one(forwarder, source);
      }
      out().flush();
      return code;
    }
  }

  private int one(ForwarderClient forwarder, String name) throws BusException {
    List<VmName> live =
        forwarder.list().stream()
            .map(StatusCommand::nameOf)
            .filter(one -> one.name().equals(name))
            .toList();
    if (live.size() == 1) {
      return one(forwarder, live.get(0));
    }
    warn(
        live.isEmpty()
            ? "no VM %1$s is live; OWNER/%1$s names one that was lately".formatted(name)
            : "more than one VM is "
                + name
                + ": "
                + live.stream().map(VmName::toString).collect(Collectors.joining(", ")));
    return ExitCode.NO_INPUT;
  }

  private int one(ForwarderClient forwarder, VmName name) throws BusException {
    Optional<Map<String, Object>> statistics = forwarder.statistics(name.owner(), name.name());
    if (statistics.isEmpty()) {
      warn("no VM " + name + " has been live lately; vmlog vm list shows those that are");
      return ExitCode.NO_INPUT;
    }
    Optional<Map<String, Object>> live =
        forwarder.list().stream().filter(one -> name.equals(nameOf(one))).findFirst();
    if (output == OutputFormat.json) {
      Map<String, Object> all = new LinkedHashMap<>();
      all.put("owner", name.owner());
      all.put("name", name.name());
      all.put("live", live.isPresent());
      live.ifPresent(all::putAll);
      all.putAll(statistics.get());
      out().println(Json.of(all));
    } else {
      new StatusCard(out()).print(name, live, VmStatistics.of(statistics.get()));
    }
    return ExitCode.OK;
  }

  /** Of what is no VM, nobody says whether it is live. */
  private int one(ForwarderClient forwarder, SourceName name) throws BusException {
    Optional<Map<String, Object>> statistics =
        name instanceof SourceName.Component component
            ? forwarder.statistics(component.id())
            : forwarder.statistics(((SourceName.User) name).user());
    if (statistics.isEmpty()) {
      warn(name + " has not logged lately");
      return ExitCode.NO_INPUT;
    }
    if (output == OutputFormat.json) {
      Map<String, Object> all = new LinkedHashMap<>();
      all.put("name", name.toString());
      all.putAll(statistics.get());
      out().println(Json.of(all));
    } else {
      new StatusCard(out()).print(name, VmStatistics.of(statistics.get()));
    }
    return ExitCode.OK;
  }

  private static VmName nameOf(Map<String, Object> vm) {
    return new VmName(String.valueOf(vm.get("owner")), String.valueOf(vm.get("name")));
  }

  private void all(ForwarderClient forwarder) throws BusException {
    TextTable table =
        new TextTable()
            .row("VM", "CONNECTIONS", "RECORDS", "BYTES", "DROPPED", "REFUSED", "LAST WRITTEN");
    for (Map<String, Object> live : forwarder.list()) {
      VmName name = nameOf(live);
      forwarder
          .statistics(name.owner(), name.name()) // none for one that is just being opened
          .ifPresent(statistics -> add(table, name, live, statistics));
    }
    Map<String, Object> counters = forwarder.counters();
    if (output == OutputFormat.json) {
      out().println(Json.of(counters));
    } else {
      table.print(out(), 0);
      print(counters);
    }
    shipping();
  }

  private void shipping() {
    Path directory = shipState == null ? ForwarderFolders.configured().shipper() : shipState;
    try {
      ShipReport.read(directory).ifPresent(this::print);
    } catch (IOException e) {
      warn("how shipping goes cannot be read: " + ExitCode.explain(e));
    }
  }

  private void print(ShipReport report) {
    if (output == OutputFormat.json) {
      Map<String, Object> all = report.typed();
      all.put("alive", report.isAlive(Instant.now()));
      out().println(Json.of(Map.of("shipping", all)));
    } else {
      out().println();
      ShippingCard.print(out(), report, Instant.now());
    }
  }

  private void add(
      TextTable table, VmName name, Map<String, Object> live, Map<String, Object> statistics) {
    if (output == OutputFormat.json) {
      Map<String, Object> all = new LinkedHashMap<>(live);
      all.putAll(statistics);
      out().println(Json.of(all));
      return;
    }
    VmStatistics seen = VmStatistics.of(statistics);
    table.row(
        Shown.text(name),
        Long.toString(seen.connectionsOpen()),
        Long.toString(VmStatistics.sum(seen.records())),
        Amount.bytes(VmStatistics.sum(seen.bytes())),
        Long.toString(VmStatistics.sum(seen.dropped())),
        Long.toString(VmStatistics.sum(seen.refused())),
        seen.lastWritten().orElse("-"));
  }

  /** What is zero is left out: most of what is counted should not happen. */
  private void print(Map<String, Object> counters) {
    TextTable table = new TextTable();
    counters.forEach(
        (name, value) -> {
          String shown = "";
          if (value instanceof Map<?, ?>) {
            shown = VmStatistics.listed(VmStatistics.counts(value));
          } else if (value instanceof List<?> list) {
            shown = String.join(" ", list.stream().map(String::valueOf).toList());
          } else if (!value.equals(0L)) {
            shown = value.toString();
          }
          if (!shown.isEmpty()) {
            table.row(name.replace('_', ' '), shown);
          }
        });
    out().println();
    table.print(out(), 0);
  }
}
