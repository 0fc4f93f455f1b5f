package org.vmlog.bench;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.vmlog.testing.ForwarderProcess;
import org.vmlog.testing.TestHost;

/**
 * The forwarder with some VMs, which log over TCP as other servers' hosts do, each from an address
 * of its own. Limits, rotation and quotas are on and above the load. D-Bus is off: the VMs stand in
 * the configuration. Confined to one thread.
 */
final class VmlogServer implements Server {
  private static final String OWNER = "bench";
  private static final int ADDRESSES_PER_BLOCK = 250;

  /** How to start the forwarder with a configuration. */
  interface Program {
    ForwarderProcess start(Path config) throws IOException;

    /** As it is installed in a folder, with the flags it ships with. */
    static Program installed(Path launcher) {
      return config -> ForwarderProcess.startInstalled(launcher, config);
    }
  }

  private final TestHost host;
  private final int vms;
  private final InetSocketAddress address;
  private final ForwarderProcess process;

  private VmlogServer(TestHost host, int vms, InetSocketAddress address, ForwarderProcess process) {
    this.host = host;
    this.vms = vms;
    this.address = address;
    this.process = process;
  }

  /** Starts it with an empty log for each VM. */
  static VmlogServer start(Program program, Path folder, int vms) throws IOException {
    return start(program, folder, vms, "");
  }

  /**
   * The same.
   *
   * @param config something else in its configuration
   */
  static VmlogServer start(Program program, Path folder, int vms, String config)
      throws IOException {
    InetSocketAddress address = TestHost.freeTcpAddress();
    TestHost host =
        new TestHost(folder)
            .with(
                """
                [logs.rotation]
                max_size = "1024GiB"
                [logs.quota]
                per_vm = "1024GiB"
                total = "65536GiB"
                [limits]
                records_per_second = 100000000
                burst = 100000000
                bytes_per_second = "1024GiB"
                [crosvm]
                sender = "relay"
                """)
            .withTcp(address)
            .with(config);
    StringBuilder tables = new StringBuilder();
    for (int vm = 0; vm < vms; vm++) {
      tables.append(
          "[[vm]]\nowner = \"%s\"\nname = \"%s\"\naddress = \"%s\"\n"
              .formatted(OWNER, Requests.host(vm), addressOf(vm)));
    }
    host.with(tables.toString());
    return new VmlogServer(host, vms, address, program.start(host.config()));
  }

  private static String addressOf(int vm) {
    return "127.7.%d.%d".formatted(vm / ADDRESSES_PER_BLOCK, 1 + vm % ADDRESSES_PER_BLOCK);
  }

  @Override
  public long pid() {
    return process.pid();
  }

  @Override
  public List<? extends Endpoint> endpoints(Load.Kind kind) {
    return IntStream.range(0, vms).mapToObj(vm -> endpoint(kind, vm)).toList();
  }

  private Endpoint endpoint(Load.Kind kind, int vm) {
    return kind == Load.Kind.DATAGRAMS
        ? new Endpoint.Unix(host.datagramSocket(OWNER, Requests.host(vm)))
        : new Endpoint.Tcp(addressOf(vm), address.getPort());
  }

  @Override
  public Path log(int vm) {
    return host.log(OWNER, Requests.host(vm));
  }

  @Override
  public void close() throws IOException {
    int unused = process.terminate();
  }
}
