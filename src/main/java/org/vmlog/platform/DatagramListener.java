package org.vmlog.platform;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.newsclub.net.unix.AFUNIXDatagramChannel;
import org.newsclub.net.unix.AFUNIXSelectorProvider;
import org.newsclub.net.unix.AFUNIXSocketAddress;

/**
 * A {@code SOCK_DGRAM} socket bound to a path, read without blocking. Many are watched by one
 * selector. Confined to the thread of its selector, but may be closed by any.
 */
public final class DatagramListener implements Closeable {
  /** What is kept of one datagram; the kernel would let a sender use its whole send buffer. */
  public static final int MAX_BYTES = 64 * 1024;

  private final AFUNIXDatagramChannel channel;
  private final @Nullable SocketFile file;

  private DatagramListener(AFUNIXDatagramChannel channel, @Nullable SocketFile file) {
    this.channel = channel;
    this.file = file;
  }

  /** What a call to {@link #receive} found. */
  public enum Received {
    /** Nothing waits, or an empty datagram did. */
    NOTHING,
    /** The buffer holds one datagram. */
    WHOLE,
    /** The buffer holds the first {@link #MAX_BYTES} of one; the rest is lost. */
    TRUNCATED
  }

  /**
   * Binds {@code folder/name}, in the place of a socket left from before.
   *
   * @throws java.nio.file.FileSystemException when something else than a socket has that name
   */
  public static DatagramListener bind(PrivateFolder folder, String name, SocketAccess access)
      throws IOException {
    AFUNIXDatagramChannel channel = AFUNIXSelectorProvider.provider().openDatagramChannel();
    try {
      channel.configureBlocking(false);
      SocketFile file =
          SocketFile.bind(folder, name, access, path -> channel.bind(AFUNIXSocketAddress.of(path)));
      return new DatagramListener(channel, file);
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  /**
   * A bound socket that was inherited; its name stays with whoever bound it.
   *
   * @throws IOException when the descriptor is no Unix datagram socket
   */
  public static DatagramListener over(int descriptor) throws IOException {
    AFUNIXDatagramChannel channel =
        InheritedUnixSocket.as(AFUNIXDatagramChannel.class, descriptor);
    channel.configureBlocking(false);
    channel.setDeleteOnClose(false);
    return new DatagramListener(channel, null);
  }

  /** A selector that listeners can be registered with; the JDK's own does not take them. */
  public static Selector openSelector() throws IOException {
    return AFUNIXSelectorProvider.provider().openSelector();
  }

  /**
   * A buffer for {@link #receive}. The kernel cuts what does not fit and does not say so; with one
   * byte more than is kept, a full buffer tells.
   */
  public static ByteBuffer newBuffer() {
    return ByteBuffer.allocateDirect(MAX_BYTES + 1);
  }

  /** Watches for datagrams; the key's attachment is {@code attachment}. */
  public SelectionKey register(Selector selector, Object attachment) throws IOException {
    return channel.register(selector, SelectionKey.OP_READ, attachment);
  }

  /**
   * Takes one datagram, if one waits.
   *
   * @param buffer from {@link #newBuffer}; afterwards it holds the datagram from position to limit
   */
  public Received receive(ByteBuffer buffer) throws IOException {
    buffer.clear();
    // Answers null for senders without a name, whether or not something came.
    channel.receive(buffer);
    buffer.flip();
    if (!buffer.hasRemaining()) {
      return Received.NOTHING;
    }
    if (buffer.limit() <= MAX_BYTES) {
      return Received.WHOLE;
    }
    buffer.limit(MAX_BYTES);
    return Received.TRUNCATED;
  }

  /** Where it was bound; not for one that was inherited. */
  public Path path() {
    return Objects.requireNonNull(file, "an inherited socket has no path here").path();
  }

  /** Closes the socket and unlinks its name, unless something else has it by now. */
  @Override
  public void close() throws IOException {
    try {
      if (file != null) {
        file.unlink();
      }
    } finally {
      channel.close();
    }
  }
}
