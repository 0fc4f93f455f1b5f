package org.vmlog.bench;

import java.io.IOException;
import java.net.DatagramPacket;
import org.newsclub.net.unix.AFUNIXDatagramSocket;
import org.newsclub.net.unix.AFUNIXSocketAddress;

/**
 * A VMM that logs as fast as its socket takes it. There is no answer to wait for, so no latency is
 * known. Confined to one thread.
 */
final class VmmLoad implements Load {
  private final AFUNIXDatagramSocket socket = AFUNIXDatagramSocket.newInstance();
  private final DatagramPacket packet;

  VmmLoad(Endpoint endpoint) throws IOException {
    socket.connect(AFUNIXSocketAddress.of(((Endpoint.Unix) endpoint).path()));
    byte[] datagram = Requests.datagram();
    packet = new DatagramPacket(datagram, datagram.length);
  }

  @Override
  public Stretch run(int datagrams, int perSecond) throws IOException {
    long start = System.nanoTime();
    for (int i = 0; i < datagrams; i++) {
      socket.send(packet);
    }
    return new Stretch(System.nanoTime() - start, 0, 0);
  }
}
