package org.vmlog.wire;

import io.grpc.netty.shaded.io.netty.channel.epoll.LinuxSocket;
import java.io.Closeable;
import java.io.IOException;
import org.vmlog.platform.Descriptor;
import org.vmlog.platform.StreamSocket;

/**
 * A Unix stream socket that listens already, made by whoever handed it over: a launcher may bind
 * where the daemon may not. Its file is the launcher's, and so is a duplicate of it that it may
 * have kept.
 *
 * <p>Immutable; whoever holds it closes it, or opens a door with it.
 */
public final class ListeningSocket implements Closeable {
  // socket(7)
  private static final int SOL_SOCKET = 1;
  private static final int SO_TYPE = 3;
  private static final int SO_ACCEPTCONN = 30;
  private static final int SO_DOMAIN = 39;

  private static final int AF_UNIX = 1;
  private static final int SOCK_STREAM = 1;

  private final Descriptor descriptor;

  private ListeningSocket(Descriptor descriptor) {
    this.descriptor = descriptor;
  }

  /**
   * Takes over a descriptor.
   *
   * @throws IOException if it is something else, which it is left to the caller to close; says what
   *     was allowed
   */
  public static ListeningSocket of(Descriptor descriptor) throws IOException {
    if (!isListening(descriptor.number())) {
      throw new IOException("allowed is a Unix stream socket that listens");
    }
    // Or an event loop would wait for the next connection, and all that it serves with it.
    StreamSocket.makeNonBlocking(descriptor);
    return new ListeningSocket(descriptor);
  }

  private static boolean isListening(int descriptor) {
    try {
      LinuxSocket socket = LinuxSocket.newSocket(descriptor);
      return socket.getIntOpt(SOL_SOCKET, SO_DOMAIN) == AF_UNIX
          && socket.getIntOpt(SOL_SOCKET, SO_TYPE) == SOCK_STREAM
          && socket.getIntOpt(SOL_SOCKET, SO_ACCEPTCONN) == 1;
    } catch (IOException | RuntimeException e) {
      return false; // it is no socket at all
    }
  }

  /**
   * Where a door can be opened that takes the socket over; this is closed.
   *
   * @param name for messages
   */
  public ListenAddress release(String name) throws IOException {
    return new ListenAddress.Inherited(descriptor.release(), name);
  }

  @Override
  public void close() throws IOException {
    descriptor.close();
  }
}
