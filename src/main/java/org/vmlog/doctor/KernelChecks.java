package org.vmlog.doctor;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.vmlog.config.ForwarderConfig;

/** What the kernel has to have. Confined to one thread. */
final class KernelChecks {
  /** What the package sets it to. */
  private static final int QUEUE = 512;

  private final ForwarderConfig config;
  private final Path root;

  KernelChecks(ForwarderConfig config, Path root) {
    this.config = config;
    this.root = root;
  }

  Finding vsock() {
    if (config.listen().vsockPort().isEmpty()) {
      return Finding.ok("not used, as listen.vsock says");
    }
    int port = config.listen().vsockPort().getAsInt();
    if (!Files.exists(root.resolve("dev/vsock"))) {
      return Finding.wrong(
          "the kernel has no vsock (/dev/vsock is missing), and listen.vsock is " + port,
          "modprobe vhost_vsock, or listen.vsock = false");
    }
    return Files.exists(root.resolve("dev/vhost-vsock"))
        ? Finding.ok("the module vhost_vsock is there, and listen.vsock is " + port)
        : Finding.wrong(
            "no guest can have vsock (/dev/vhost-vsock is missing), and listen.vsock is " + port,
            "modprobe vhost_vsock, or listen.vsock = false");
  }

  Finding datagramQueue() throws IOException {
    String text = Files.readString(root.resolve("proc/sys/net/unix/max_dgram_qlen"), US_ASCII);
    int length = Integer.parseInt(text.strip());
    return length >= QUEUE
        ? Finding.ok("a socket holds " + length + " datagrams")
        : Finding.note(
            "a socket holds %s datagrams; a VMM that says more at once waits".formatted(length),
            "sysctl net.unix.max_dgram_qlen=%s, and start vmlog-forwarder anew".formatted(QUEUE));
  }
}
