package org.vmlog.config;

import java.net.InetAddress;
import java.nio.file.Path;
import java.util.Optional;
import org.tomlj.Toml;
import org.vmlog.identity.VmSpec;
import org.vmlog.record.Severity;
import org.vmlog.sink.QuotaPolicy;
import org.vmlog.sink.RotationPolicy;

/**
 * Tells what is in force, as TOML which reads back as the same configuration. Confined to one
 * thread.
 */
public final class ConfigDescription {
  private final StringBuilder out = new StringBuilder();

  private ConfigDescription() {}

  /** Every key, whether it was set or has its default, in the order of the documentation. */
  public static String of(ForwarderConfig config) {
    ConfigDescription description = new ConfigDescription();
    description.listen(config.listen());
    description.logs(config.logs());
    description.limits(config.limits());
    description.syslog(config.syslog());
    description.table("crosvm");
    description.put("socket_directory", config.crosvm().socketDirectory());
    description.put("group", config.crosvm().group());
    description.put("sender", Choice.SENDER.nameOf(config.crosvm().sender()));
    description.table("dbus");
    description.put("address", config.dbus().address());
    description.put("concierge", config.dbus().concierge());
    description.put("machined", config.dbus().machined());
    description.put("libvirt", config.dbus().libvirt());
    description.table("attribution");
    description.put("log_connector", config.attribution().logConnector());
    description.put("tcp_anonymous", config.attribution().tcpAnonymous());
    description.put("insecure_loopback_identity", config.attribution().insecureLoopbackIdentity());
    description.table("state");
    description.put("directory", config.stateDirectory());
    description.table("metrics");
    description.put("listen", config.metrics().listen().map(MetricsSection::format));
    description.table("log");
    description.put("level", Choice.LOG_LEVEL.nameOf(config.logLevel()));
    config.vms().forEach(description::vm);
    return description.out.toString();
  }

  /** The same of the broker of realms. */
  public static String of(RealmdConfig config) {
    ConfigDescription description = new ConfigDescription();
    description.table("dbus");
    description.put("address", config.busAddress());
    description.table("access");
    description.put("group", config.groups().stream().findFirst());
    description.table("sinks");
    description.put("directory", config.sinks().directory());
    description.put("mode", "%04o".formatted(config.sinks().access().mode()));
    description.put("group", config.sinks().access().group());
    description.put("plain", config.limits().plain());
    description.table("limits");
    description.put("realms", config.limits().realms());
    description.put("sinks", config.limits().sinks());
    description.put("waiting", config.limits().waiting());
    description.put("sink_buffer", Sizes.format(config.limits().sinkBytes()));
    description.put("hold", Durations.format(config.limits().hold()));
    description.table("log");
    description.put("level", Choice.LOG_LEVEL.nameOf(config.logLevel()));
    return description.out.toString();
  }

  private void listen(ForwarderConfig.Listen listen) {
    table("listen");
    put("vsock", listen.vsockPort().isPresent() ? listen.vsockPort().getAsInt() : false);
    put("tcp", listen.tcp().map(NumericAddresses::format));
    put("unix", listen.unix());
    put("unix_mode", "%04o".formatted(listen.unixMode()));
    put("unix_group", listen.unixGroup());
    stream("journal", listen.journal());
    stream("syslog", listen.syslog());
  }

  private void stream(String kind, ForwarderConfig.StreamListen doors) {
    put(kind, doors.vsockPort().isPresent() ? doors.vsockPort().getAsInt() : false);
    put(kind + "_tcp", doors.tcp().map(NumericAddresses::format));
    put(kind + "_unix", doors.unix());
  }

  private void logs(ForwarderConfig.Logs logs) {
    table("logs");
    put("directory", logs.directory());
    put("layout", LogsSection.LAYOUT.nameOf(logs.layout()));
    put("format", Choice.FORMAT.nameOf(logs.format()));
    put("scrub", Choice.SCRUB.nameOf(logs.scrub()));
    put("copy_to_syslog", logs.copyToSyslog());
    put("sync", LogsSection.SYNC.nameOf(logs.sync()));
    put("journald", logs.journald());
    RotationPolicy rotation = logs.rotation();
    table("logs.rotation");
    put("max_size", Sizes.format(rotation.maxSizeBytes()));
    put("max_age", Durations.format(rotation.maxAge()));
    put("keep", rotation.keep());
    put("compress", rotation.compress());
    put("expire", rotation.expire().<Object>map(Durations::format).orElse(false));
    QuotaPolicy quota = logs.quota();
    table("logs.quota");
    put("per_vm", Sizes.format(quota.perLogBytes()));
    put("total", Sizes.format(quota.totalBytes()));
    put("keep_free", quota.keepFreePercent() + "%");
    put(
        "retain_until_shipped",
        quota.retention().<Object>map(one -> Durations.format(one.limit())).orElse(false));
    put(
        "shipper_state",
        quota.retention().map(one -> one.shipperState()).orElse(LogsSection.DEFAULT_SHIPPER_STATE));
  }

  private void limits(ForwarderConfig.Limits limits) {
    table("limits");
    put("records_per_second", limits.source().recordsPerSecond());
    put("burst", limits.source().burstRecords());
    put("bytes_per_second", Sizes.format(limits.source().bytesPerSecond()));
    put("max_request", Sizes.format(limits.maxRequestBytes()));
    put("max_records", limits.maxRecords());
    put("connections_per_identity", limits.connectionsPerIdentity());
    put("connections_anonymous", limits.connectionsAnonymous());
    put("pipe", Sizes.format(limits.pipeBytes()));
    put("pipes_total", Sizes.format(limits.pipesTotalBytes()));
    put("hold", Durations.format(limits.hold()));
  }

  private void syslog(ForwarderConfig.Syslog syslog) {
    table("syslog");
    put("socket", syslog.socket());
    put("queue", Sizes.format(syslog.queueBytes()));
    put("max_severity", Severity.of(syslog.maxSeverity()).keyword());
  }

  private void vm(VmSpec vm) {
    out.append("\n[[vm]]\n");
    put("owner", vm.id().owner());
    put("name", vm.id().name());
    vm.cid().ifPresent(cid -> put("cid", cid));
    vm.addresses().stream()
        .map(InetAddress::getHostAddress)
        .forEach(address -> put("address", address));
    vm.hybridVsock().ifPresent(path -> put("hybrid_vsock", path));
  }

  private void table(String name) {
    out.append(out.isEmpty() ? "" : "\n").append('[').append(name).append("]\n");
  }

  /** Empty is {@code false}: every key that can be turned off is turned off with that. */
  private void put(String key, Optional<?> value) {
    if (value.isPresent()) {
      put(key, value.get());
    } else {
      put(key, false);
    }
  }

  private void put(String key, Object value) {
    out.append(key).append(" = ");
    if (value instanceof String || value instanceof Path) {
      out.append('"').append(Toml.tomlEscape(value.toString())).append('"');
    } else {
      out.append(value);
    }
    out.append('\n');
  }
}
