package org.vmlog.guest;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import org.vmlog.platform.DatagramListener;
import org.vmlog.platform.DatagramListener.Received;
import org.vmlog.record.SyslogParser;

/** A datagram socket: one datagram is one message. Confined to the sockets' thread. */
final class DatagramSource implements SocketSource {
  private static final int TURN = 64;

  private final DatagramListener listener;
  private final SyslogMessages messages;
  private final ByteBuffer received;
  private final byte[] message = SyslogParser.newMessage();

  /**
   * @param received from {@link DatagramListener#newBuffer}; sources of one thread may share it
   */
  DatagramSource(DatagramListener listener, SyslogMessages messages, ByteBuffer received) {
    this.listener = listener;
    this.messages = messages;
    this.received = received;
  }

  @Override
  public void register(Selector selector) throws IOException {
    SelectionKey unused = listener.register(selector, this);
  }

  @Override
  public boolean read() throws IOException {
    for (int i = 0; i < TURN; i++) {
      Received what = listener.receive(received);
      if (what == Received.NOTHING) {
        return false;
      }
      int length = received.remaining();
      received.get(message, 0, length);
      if (what == Received.WHOLE) {
        messages.accept(message, length);
      } else {
        messages.acceptCut(message);
      }
    }
    return true;
  }

  @Override
  public void close() throws IOException {
    listener.close();
  }
}
