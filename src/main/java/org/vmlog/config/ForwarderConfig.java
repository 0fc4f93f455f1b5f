package org.vmlog.config;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.logging.Level;
import org.vmlog.identity.VmSpec;
import org.vmlog.logs.Layout;
import org.vmlog.record.LineFormat;
import org.vmlog.record.ScrubMode;
import org.vmlog.record.SyslogParser;
import org.vmlog.route.SourceLimits;
import org.vmlog.sink.QuotaPolicy;
import org.vmlog.sink.RotationPolicy;
import org.vmlog.sink.SyncMode;

/** Everything the forwarder can be told, checked and with defaults filled in. Immutable. */
public record ForwarderConfig(
    Listen listen,
    Logs logs,
    Limits limits,
    Syslog syslog,
    Crosvm crosvm,
    Dbus dbus,
    Attribution attribution,
    Path stateDirectory,
    Metrics metrics,
    Level logLevel,
    List<VmSpec> vms) {

  /**
   * Where guests connect.
   *
   * @param vsockPort port on VMADDR_CID_ANY, or empty when vsock is off
   * @param unix the forwarder's own socket
   * @param unixMode permission bits of that socket, such as 0660
   * @param unixGroup the group it is given to; empty leaves the process's own
   * @param journal where journald's streams come in; a Unix socket there is as the forwarder's own
   * @param syslog the same of plain syslog's
   */
  public record Listen(
      OptionalInt vsockPort,
      Optional<InetSocketAddress> tcp,
      Optional<Path> unix,
      int unixMode,
      Optional<String> unixGroup,
      StreamListen journal,
      StreamListen syslog) {}

  /** Where streams of one kind come in. */
  public record StreamListen(
      OptionalInt vsockPort, Optional<InetSocketAddress> tcp, Optional<Path> unix) {}

  /**
   * Per-VM files: where, in which shape, and what a line looks like.
   *
   * @param copyToSyslog whether the lines of VMs and components go there, too
   * @param journald the socket of the journal that they go to, too
   */
  public record Logs(
      Path directory,
      Layout layout,
      LineFormat format,
      ScrubMode scrub,
      boolean copyToSyslog,
      Optional<Path> journald,
      SyncMode sync,
      RotationPolicy rotation,
      QuotaPolicy quota) {}

  /**
   * How much a guest may send at once, and how much may wait.
   *
   * @param source what each source may log over time
   * @param maxRequestBytes of one gRPC message
   * @param maxRecords in one request
   * @param connectionsPerIdentity of each VM and each user of this host
   * @param connectionsAnonymous of all peers together that are neither
   * @param pipeBytes waiting for one source's file
   * @param pipesTotalBytes waiting in all pipes together
   * @param hold how long a vsock connection waits for its VM to be announced; zero if it does not
   */
  public record Limits(
      SourceLimits source,
      int maxRequestBytes,
      int maxRecords,
      int connectionsPerIdentity,
      int connectionsAnonymous,
      int pipeBytes,
      long pipesTotalBytes,
      Duration hold) {}

  /**
   * The local syslog.
   *
   * @param queueBytes waiting for the local syslog, for each source; and for the journal
   * @param maxSeverity RFC 5424 number; what a guest sends as more urgent is sent as this
   */
  public record Syslog(Path socket, int queueBytes, int maxSeverity) {}

  /**
   * Each live VM's own sockets.
   *
   * @param socketDirectory under which each live VM gets its sockets
   * @param group whose members (the VMMs) may use them; empty leaves the process's own
   * @param sender who writes to the datagram sockets
   */
  public record Crosvm(Path socketDirectory, Optional<String> group, SyslogParser.Sender sender) {}

  /**
   * Which bus is listened to, and to whom on it.
   *
   * @param address {@code system} or a D-Bus address; empty when D-Bus is off
   * @param concierge whether org.chromium.VmConcierge's VMs are followed
   * @param machined whether systemd-machined's are
   * @param libvirt whether libvirt's are, by libvirt-dbus
   */
  public record Dbus(
      Optional<String> address, boolean concierge, boolean machined, boolean libvirt) {}

  /**
   * Where the daemon's own numbers can be read.
   *
   * @param listen a Unix socket or a loopback address; empty when nowhere
   */
  public record Metrics(Optional<SocketAddress> listen) {}

  /**
   * Who may log without having been announced, and who says who components are.
   *
   * @param logConnector whether the broker of realms is asked for components' connections
   * @param tcpAnonymous whether a TCP peer nobody registered may log, as VM(0) to syslog
   * @param insecureLoopbackIdentity whether a loopback address may name a VM; for tests
   */
  public record Attribution(
      boolean logConnector, boolean tcpAnonymous, boolean insecureLoopbackIdentity) {}

  /** The same without asking the broker of realms for anything. */
  public ForwarderConfig withoutLogConnector() {
    return new ForwarderConfig(
        listen,
        logs,
        limits,
        syslog,
        crosvm,
        dbus,
        new Attribution(false, attribution.tcpAnonymous(), attribution.insecureLoopbackIdentity()),
        stateDirectory,
        metrics,
        logLevel,
        vms);
  }
}
