package org.vmlog.doctor;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import org.vmlog.config.ForwarderConfig;
import org.vmlog.platform.DatagramSender;

/** The sockets that programs and the host's syslog have, and for whom they are. */
final class SocketChecks {
  private static final String UNIT = "vmlog-forwarder.socket";

  private final ForwarderConfig config;
  private final Path root;

  SocketChecks(ForwarderConfig config, Path root) {
    this.config = config;
    this.root = root;
  }

  Finding groups() throws IOException {
    List<String> there =
        Files.readAllLines(root.resolve("etc/group"), StandardCharsets.ISO_8859_1).stream()
            .map(line -> line.substring(0, Math.max(0, line.indexOf(':'))))
            .toList();
    List<String> missing =
        List.of("vmlog", "vmlog-admin", "vmlog-vmm").stream()
            .filter(group -> !there.contains(group))
            .toList();
    return missing.isEmpty()
        ? Finding.ok("vmlog, vmlog-admin and vmlog-vmm are there")
        : Finding.note(
            "no group %s: what would be theirs is the forwarder's own"
                .formatted(String.join(", ", missing)),
            "systemd-sysusers vmlog.conf, and start vmlog-forwarder anew");
  }

  /** Connects, as programs do, and says nothing. */
  Finding forwarderSocket() {
    if (config.listen().unix().isEmpty()) {
      return Finding.ok("not used, as listen.unix says");
    }
    Path path = config.listen().unix().get();
    if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
      return Finding.wrong(
          path + " is missing", "systemctl start " + UNIT + ", or vmlog-forwarder");
    }
    try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      var unused = channel.connect(UnixDomainSocketAddress.of(path));
      return Finding.ok(path + " takes connections");
    } catch (IOException e) {
      return !Files.isWritable(path) // which it must be to connect, unix(7)
          ? Finding.note(
              path + " is not for this user", "be in its group, to have programs log there")
          : Finding.wrong(
              "nobody listens on %s (%s)".formatted(path, e.getMessage()),
              "systemctl restart " + UNIT + " vmlog-forwarder");
    }
  }

  Finding activation() {
    if (!Files.isDirectory(root.resolve("run/systemd/system"))) {
      return Finding.ok("no systemd here, so nothing holds sockets during a restart");
    }
    boolean enabled =
        Files.exists(
            root.resolve("etc/systemd/system/sockets.target.wants").resolve(UNIT),
            LinkOption.NOFOLLOW_LINKS);
    return enabled
        ? Finding.ok(UNIT + " is enabled")
        : Finding.note(
            UNIT + " is not enabled: who connects during a restart is refused",
            "systemctl enable --now " + UNIT + " vmlog-forwarder-vsock.socket");
  }

  /** Connects to it, which a datagram socket does not notice. */
  Finding syslog() {
    Path path = config.syslog().socket();
    try (DatagramSender sender = new DatagramSender(path)) {
      return sender.isReachable()
          ? Finding.ok(path + " is there")
          : Finding.wrong(
              "nobody receives on %s (%s): what unknown guests say is lost"
                  .formatted(path, sender.failure()),
              "start rsyslog, or systemd-journald-dev-log.socket, or set syslog.socket");
    }
  }
}
