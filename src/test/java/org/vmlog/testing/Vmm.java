package org.vmlog.testing;

import java.io.IOException;
import java.net.DatagramPacket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.newsclub.net.unix.AFUNIXDatagramSocket;
import org.newsclub.net.unix.AFUNIXSocketAddress;

/**
 * A VMM that logs as programs do: datagrams to a socket on a path, waiting while its queue is full.
 * Confined to one thread.
 */
public final class Vmm implements AutoCloseable {
  private final AFUNIXDatagramSocket socket;

  private Vmm(AFUNIXDatagramSocket socket) {
    this.socket = socket;
  }

  /** A VMM that is connected to its socket. */
  public static Vmm on(Path path) throws IOException {
    AFUNIXDatagramSocket socket = AFUNIXDatagramSocket.newInstance();
    try {
      socket.connect(AFUNIXSocketAddress.of(path));
      return new Vmm(socket);
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }

  /** Sends one line; returns when it is in the socket's queue. */
  public void say(String line) throws IOException {
    byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
    socket.send(new DatagramPacket(bytes, bytes.length));
  }

  /** A line of a VM's file without its time, which is that of receipt, if it is its VMM's. */
  public static String withoutTime(String line) {
    return line.replaceFirst("^(<(?:2[4-9]|30|31|46)>)[A-Z][a-z]{2} [ 0-9][0-9] [0-9:]{8} ", "$1");
  }

  @Override
  public void close() {
    socket.close();
  }
}
