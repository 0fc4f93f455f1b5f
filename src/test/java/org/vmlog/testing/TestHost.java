package org.vmlog.testing;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A folder that is a whole host to one forwarder: its configuration, its logs and its sockets.
 * D-Bus is off until a test configures a bus. Confined to one thread.
 */
public final class TestHost {
  // Below the ports that the kernel gives to clients (net.ipv4.ip_local_port_range), so that no
  // other test's connection can take one between its choice and its use.
  private static final int FIRST_PORT = 20_000;
  private static final int LAST_PORT = 32_000;

  private final Path folder;
  private final Path config;
  private int dropIns;

  /** A host with the configuration of {@link ForwarderProcess#configIn}. */
  public TestHost(Path folder) throws IOException {
    this.folder = folder;
    this.config = ForwarderProcess.write(folder, ForwarderProcess.configIn(folder));
    Files.createDirectory(folder.resolve("forwarder.d"));
    with("[dbus]\naddress = false");
  }

  /** Adds to the configuration; a key that is already there gets the new value. */
  public TestHost with(String toml) throws IOException {
    String name = "%03d.toml".formatted(dropIns++);
    Files.writeString(folder.resolve("forwarder.d").resolve(name), toml + "\n");
    return this;
  }

  /** Adds a VM that is known without a signal. */
  public TestHost withVm(String owner, String name) throws IOException {
    return with("[[vm]]\nowner = \"%s\"\nname = \"%s\"".formatted(owner, name));
  }

  /** Has the forwarder listen on TCP as well, and lets loopback addresses name VMs. */
  public TestHost withTcp(InetSocketAddress address) throws IOException {
    return with(
        """
        [listen]
        tcp = "%s:%d"
        [attribution]
        insecure_loopback_identity = true
        """
            .formatted(address.getAddress().getHostAddress(), address.getPort()));
  }

  /** Starts a forwarder and waits until it is ready. */
  public ForwarderProcess start() throws IOException {
    return ForwarderProcess.start(config);
  }

  /** The same under another program, such as prlimit(1), with its arguments. */
  public ForwarderProcess startUnder(String... wrapper) throws IOException {
    return ForwarderProcess.startUnder(List.of(wrapper), config);
  }

  public Path config() {
    return config;
  }

  public Path folder() {
    return folder;
  }

  /** A VM's log in the plain layout. */
  public Path log(String owner, String name) {
    return folder.resolve("logs").resolve(owner).resolve(name + ".log");
  }

  /** The log of a user of this host. */
  public Path hostUserLog(int uid) {
    return folder.resolve("logs/@host").resolve(uid + ".log");
  }

  /** A component's log; the realms' labels and its name with slashes between them. */
  public Path componentLog(String moniker) {
    return folder.resolve("logs/@realms").resolve(moniker + ".log");
  }

  /** Where a VM's VMM logs, in the plain layout. */
  public Path datagramSocket(String owner, String name) {
    return folder.resolve("run/vm").resolve(owner).resolve(name + ".lsock");
  }

  /** A VM's own door. */
  public Path grpcSocket(String owner, String name) {
    return socket(owner, name, "grpc");
  }

  /** The same for another kind of connection, such as {@code console}. */
  public Path socket(String owner, String name, String kind) {
    return folder.resolve("run/vm").resolve(owner).resolve(name + "." + kind);
  }

  /** The socket of the host's users. */
  public Path forwarderSocket() {
    return folder.resolve("run/forwarder.sock");
  }

  /** Where the host's syslog is expected. */
  public Path syslogSocket() {
    return folder.resolve("syslog");
  }

  /** A loopback address where nobody listens. */
  public static InetSocketAddress freeTcpAddress() throws IOException {
    InetAddress loopback = InetAddress.getByAddress(new byte[] {127, 0, 0, 1});
    for (int attempt = 0; attempt < 100; attempt++) {
      int port = ThreadLocalRandom.current().nextInt(FIRST_PORT, LAST_PORT);
      try (ServerSocket probe = new ServerSocket(port, 1, loopback)) {
        return new InetSocketAddress(loopback, probe.getLocalPort());
      } catch (IOException e) {
        // Taken; try another.
      }
    }
    throw new IOException("no free port on 127.0.0.1");
  }
}
