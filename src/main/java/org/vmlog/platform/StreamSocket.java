package org.vmlog.platform;

import java.io.FileDescriptor;
import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.file.Path;
import java.util.OptionalInt;
import org.newsclub.net.unix.AFUNIXSocketAddress;
import org.newsclub.net.unix.AFUNIXSocketChannel;
import org.newsclub.net.unix.FileDescriptorCast;

/**
 * Connected Unix streams as descriptors, to be passed on.
 *
 * <p>junixsocket's own objects for them shut the connection down for everybody when they are
 * closed, so none is kept. Thread-safe.
 */
public final class StreamSocket {
  private StreamSocket() {}

  /** The two ends of a connection. */
  public record Pair(Descriptor left, Descriptor right) {}

  /** Makes a connection out of nothing, socketpair(2). */
  public static Pair pair() throws IOException {
    return SocketPair.make(SocketPair.STREAM);
  }

  /**
   * The same, with a limit on what either end may send before the other has read it.
   *
   * @param sendBytes the kernel doubles it, and counts its own bookkeeping; socket(7), SO_SNDBUF
   */
  public static Pair pair(int sendBytes) throws IOException {
    Pair pair = pair();
    try {
      channel(pair.left()).setOption(StandardSocketOptions.SO_SNDBUF, sendBytes);
      channel(pair.right()).setOption(StandardSocketOptions.SO_SNDBUF, sendBytes);
      return pair;
    } catch (IOException e) {
      pair.left().closeQuietly();
      pair.right().closeQuietly();
      throw e;
    }
  }

  /**
   * Connects to a socket, and does not wait for a listener that lets its queue fill up.
   *
   * @throws IOException if nobody listens there, or not now; names the path
   */
  public static Descriptor connect(Path path) throws IOException {
    return connect(path, OptionalInt.empty());
  }

  /** The same to a socket on which this user listens, and nobody else. */
  public static Descriptor connect(Path path, int listenerUid) throws IOException {
    return connect(path, OptionalInt.of(listenerUid));
  }

  private static Descriptor connect(Path path, OptionalInt listenerUid) throws IOException {
    try (ShortPath address = ShortPath.of(path);
        Descriptor socket = Descriptor.of(connected(address.path(), listenerUid))) {
      return socket.duplicate();
    } catch (IOException e) {
      throw new IOException("cannot connect to " + path + ": " + e.getMessage(), e);
    }
  }

  /** A socket that is not handed on, for whatever reason, is closed. */
  private static FileDescriptor connected(Path path, OptionalInt listenerUid) throws IOException {
    AFUNIXSocketChannel channel = AFUNIXSocketChannel.open();
    try {
      channel.configureBlocking(false);
      if (!channel.connect(AFUNIXSocketAddress.of(path))) {
        throw new IOException("its queue is full");
      }
      if (listenerUid.isPresent()) {
        requireListener(channel, listenerUid.getAsInt());
      }
      channel.configureBlocking(true); // as whoever gets it expects of a socket
      return channel.getFileDescriptor();
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  /** The kernel keeps whose the socket was when it began to listen: SO_PEERCRED, unix(7). */
  private static void requireListener(AFUNIXSocketChannel channel, int uid) throws IOException {
    long listener = channel.getPeerCredentials().getUid();
    if (listener != Integer.toUnsignedLong(uid)) {
      throw new IOException(
          "user %s listens there; allowed is user %s"
              .formatted(listener, Integer.toUnsignedString(uid)));
    }
  }

  /** Whose process it was that connected, or bound the socket: SO_PEERCRED, unix(7). */
  public static long peerUid(Descriptor descriptor) throws IOException {
    return channel(descriptor).getPeerCredentials().getUid();
  }

  /**
   * Has reads and writes not wait. That is a property of the connection's end, whichever duplicate
   * of its descriptor is used.
   *
   * @throws IOException if this is no Unix stream socket
   */
  public static void makeNonBlocking(Descriptor descriptor) throws IOException {
    var unused = channel(descriptor).configureBlocking(false);
  }

  /**
   * Watches a connection until it can be read from, or is at its end. The key's cancelling leaves
   * the descriptor as it is.
   *
   * @throws IOException if this is no Unix stream socket
   */
  public static SelectionKey watch(
      Descriptor descriptor, Selector selector, SelectorLoop.Watched attachment)
      throws IOException {
    AFUNIXSocketChannel channel = channel(descriptor);
    channel.configureBlocking(false);
    return channel.register(selector, SelectionKey.OP_READ, attachment);
  }

  /** What is made by a cast leaves the descriptor open when it is collected. */
  static AFUNIXSocketChannel channel(Descriptor descriptor) throws IOException {
    try {
      return FileDescriptorCast.using(descriptor.java()).as(AFUNIXSocketChannel.class);
    } catch (ClassCastException e) {
      throw new IOException(descriptor + " is no Unix stream socket", e);
    }
  }
}
