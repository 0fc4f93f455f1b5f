package org.vmlog.bench;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;

/** Where one sender of a load connects to, and from where. Thread-safe. */
sealed interface Endpoint {
  /** A socket in the file system. */
  record Unix(Path path) implements Endpoint {
    @Override
    public String toString() {
      return "unix " + path;
    }
  }

  /** A port of this host, from one of its addresses, by which the server knows who it is. */
  record Tcp(String from, int port) implements Endpoint {
    InetSocketAddress address() {
      return new InetSocketAddress("127.0.0.1", port);
    }

    InetSocketAddress fromAddress() {
      return new InetSocketAddress(from, 0);
    }

    @Override
    public String toString() {
      return "tcp " + from + " " + port;
    }
  }

  static Endpoint parse(String text) {
    List<String> fields = List.of(text.split(" "));
    return fields.get(0).equals("unix")
        ? new Unix(Path.of(fields.get(1)))
        : new Tcp(fields.get(1), Integer.parseInt(fields.get(2)));
  }
}
