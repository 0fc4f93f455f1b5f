package org.vmlog.platform;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import org.jspecify.annotations.Nullable;
import org.newsclub.net.unix.AFUNIXSelectorProvider;
import org.newsclub.net.unix.AFUNIXServerSocketChannel;
import org.newsclub.net.unix.AFUNIXSocketAddress;
import org.newsclub.net.unix.AFUNIXSocketChannel;
import org.newsclub.net.unix.FileDescriptorCast;

/**
 * A listening {@code SOCK_STREAM} socket on a path, accepted from and read without blocking.
 * Confined to the thread of its selector, which is {@link DatagramListener#openSelector}'s.
 */
public final class StreamListener implements Closeable {
  private static final int BACKLOG = 128;

  private final AFUNIXServerSocketChannel channel;

  /** What owns the descriptor: closing it closes the socket, and so does losing it. */
  private final AFUNIXServerSocketChannel owner;

  private final @Nullable SocketFile file;

  private StreamListener(
      AFUNIXServerSocketChannel channel,
      AFUNIXServerSocketChannel owner,
      @Nullable SocketFile file) {
    this.channel = channel;
    this.owner = owner;
    this.file = file;
  }

  /** What came in by a listener. Confined to the same thread. */
  public static final class Connection implements Closeable {
    private final AFUNIXSocketChannel channel;

    private Connection(AFUNIXSocketChannel channel) {
      this.channel = channel;
    }

    /** Watches for bytes; the key's attachment is {@code attachment}. */
    public SelectionKey register(Selector selector, Object attachment) throws IOException {
      return channel.register(selector, SelectionKey.OP_READ, attachment);
    }

    /** Reads what waits; answers how much, and -1 at the end. */
    public int read(ByteBuffer into) throws IOException {
      return channel.read(into);
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }

  /**
   * Binds {@code folder/name}, in the place of a socket left from before.
   *
   * @throws java.nio.file.FileSystemException when something else than a socket has that name
   */
  public static StreamListener bind(PrivateFolder folder, String name, SocketAccess access)
      throws IOException {
    AFUNIXServerSocketChannel channel = AFUNIXSelectorProvider.provider().openServerSocketChannel();
    try {
      channel.configureBlocking(false);
      SocketFile file =
          SocketFile.bind(
              folder, name, access, path -> channel.bind(AFUNIXSocketAddress.of(path), BACKLOG));
      // A channel that was bound refuses to accept once its path leads elsewhere, and it was bound
      // in another place than it is found at; one over the same descriptor does not look.
      AFUNIXServerSocketChannel unbound =
          FileDescriptorCast.using(channel.getFileDescriptor()).as(AFUNIXServerSocketChannel.class);
      unbound.configureBlocking(false);
      return new StreamListener(unbound, channel, file);
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  /** Whether an inherited descriptor is a listening stream socket. */
  public static boolean is(int descriptor) throws IOException {
    return InheritedUnixSocket.is(AFUNIXServerSocketChannel.class, descriptor);
  }

  /**
   * A listening socket that was inherited; its name stays with whoever bound it.
   *
   * @throws IOException when the descriptor is no listening Unix stream socket
   */
  public static StreamListener over(int descriptor) throws IOException {
    AFUNIXServerSocketChannel channel =
        InheritedUnixSocket.as(AFUNIXServerSocketChannel.class, descriptor);
    channel.configureBlocking(false);
    channel.setDeleteOnClose(false);
    return new StreamListener(channel, channel, null);
  }

  /** Watches for connections; the key's attachment is {@code attachment}. */
  public SelectionKey register(Selector selector, Object attachment) throws IOException {
    return channel.register(selector, SelectionKey.OP_ACCEPT, attachment);
  }

  /** Answers null when none waits. */
  public @Nullable Connection accept() throws IOException {
    AFUNIXSocketChannel accepted = channel.accept();
    if (accepted == null) {
      return null;
    }
    accepted.configureBlocking(false);
    return new Connection(accepted);
  }

  /** Closes the socket and unlinks its name, unless something else has it by now. */
  @Override
  public void close() throws IOException {
    try {
      if (file != null) {
        file.unlink();
      }
    } finally {
      owner.close();
    }
  }
}
