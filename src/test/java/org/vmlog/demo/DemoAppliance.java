package org.vmlog.demo;

import java.io.IOException;
import java.io.InputStream;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/**
 * A guest without an agent: what a real one's journald sent, and what it wrote to its console, as
 * both were recorded. Confined to one thread.
 */
final class DemoAppliance {
  private static final String JOURNAL = "/streams/journald-262-boot.export";
  private static final String JOURNALS_LAST = "Journal stopped";

  private static final String CONSOLE = "/org/vmlog/record/console-boot-colour-status.serial";
  private static final String CONSOLES_LAST = "PF_VSOCK protocol family";
  private static final int CONSOLE_LINES = 10;

  private final DemoVm vm;
  private final Path sockets;

  /**
   * @param sockets the folder with the VM's own
   */
  DemoAppliance(DemoVm vm, Path sockets) {
    this.vm = vm;
    this.sockets = sockets;
  }

  /** Writes to the console; answers what the VM's file got of it. */
  List<String> writeConsole() throws IOException {
    byte[] recorded = recorded(CONSOLE);
    int end = 0;
    for (int lines = 0; lines < CONSOLE_LINES; end++) {
      lines += recorded[end] == '\n' ? 1 : 0;
    }
    return send("console", recorded, end, CONSOLES_LAST);
  }

  /** Sends the journal; answers what the VM's file got of it. */
  List<String> sendJournal() throws IOException {
    byte[] recorded = recorded(JOURNAL);
    return send("journal", recorded, recorded.length, JOURNALS_LAST);
  }

  private List<String> send(String kind, byte[] bytes, int length, String last) throws IOException {
    Path socket = sockets.resolve(vm.name() + "." + kind);
    Patience.until(socket + " to be there", () -> Files.exists(socket));
    try (SocketChannel door = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
      ByteBuffer rest = ByteBuffer.wrap(bytes, 0, length);
      while (rest.hasRemaining()) {
        int unused = door.write(rest);
      }
      // Nothing is acknowledged here, so there is nothing but the file to wait for.
      return vm.log().nextLines(last);
    }
  }

  private static byte[] recorded(String name) throws IOException {
    try (InputStream in = DemoAppliance.class.getResourceAsStream(name)) {
      return Objects.requireNonNull(in, name).readAllBytes();
    }
  }
}
