package org.vmlog.bench;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;

/**
 * Hosts that log by syslog over TCP, each on a connection of its own, in turns, as fast as the
 * server takes it. Nothing is acknowledged. Confined to one thread.
 */
final class LineLoad implements Load {
  /** A host's connection, and what it sends at once. */
  private record Sender(SocketChannel channel, ByteBuffer lines) {}

  private final List<Sender> senders = new ArrayList<>();
  private int next;

  LineLoad(List<Endpoint> endpoints, int linesAtOnce) throws IOException {
    for (Endpoint endpoint : endpoints) {
      SocketChannel channel = SocketChannel.open(((Endpoint.Tcp) endpoint).address());
      byte[] lines = Requests.lines(senders.size(), linesAtOnce);
      senders.add(new Sender(channel, ByteBuffer.allocateDirect(lines.length).put(lines).flip()));
    }
  }

  @Override
  public Stretch run(int messages, int perSecond) throws IOException {
    long start = System.nanoTime();
    for (int i = 0; i < messages; i++) {
      Sender sender = senders.get(next++ % senders.size());
      ByteBuffer lines = sender.lines().rewind();
      while (lines.hasRemaining()) {
        sender.channel().write(lines);
      }
    }
    return new Stretch(System.nanoTime() - start, 0, 0);
  }
}
