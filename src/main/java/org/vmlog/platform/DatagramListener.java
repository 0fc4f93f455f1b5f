package org.vmlog.platform;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.file.Path;
import org.newsclub.net.unix.AFUNIXDatagramChannel;
import org.newsclub.net.unix.AFUNIXSelectorProvider;
import org.newsclub.net.unix.AFUNIXSocketAddress;
import org.newsclub.net.unix.FileDescriptorCast;

/**
 * A {@code SOCK_DGRAM} socket bound to a path, read without blocking. Many are watched by one
 * selector. Confined to the thread of its selector, but may be closed by any.
 */
public final class DatagramListener implements Closeable {
  private static final String ADOPTABLE = "allowed is a bound Unix datagram socket";

  /** What is kept of one datagram; the kernel would let a sender use its whole send buffer. */
  public static final int MAX_BYTES = 64 * 1024;

  private final AFUNIXDatagramChannel channel;
  private final String name;
  private final Closeable owned;

  private DatagramListener(AFUNIXDatagramChannel channel, String name, Closeable owned) {
    this.channel = channel;
    this.name = name;
    this.owned = owned;
  }

  /** What a call to {@link #receive} found. */
  public enum Received {
    /** Nothing waits, or an empty datagram did; {@link #waits} tells whether more does. */
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
      return new DatagramListener(channel, file.path().toString(), file::unlink);
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  /**
   * Takes over a socket that somebody else bound; its file stays theirs, and a duplicate that they
   * have kept goes on taking datagrams when this is closed.
   *
   * @param name what to call it
   * @throws IOException if it is something else, which it is left to the caller to close; says what
   *     was allowed
   */
  public static DatagramListener adopt(Descriptor descriptor, String name) throws IOException {
    FileDescriptorCast cast = FileDescriptorCast.using(descriptor.java());
    if (!cast.isAvailable(AFUNIXDatagramChannel.class)) {
      throw new IOException(ADOPTABLE);
    }
    // What is made by a cast leaves the descriptor as it is when it is closed or collected.
    AFUNIXDatagramChannel channel = cast.as(AFUNIXDatagramChannel.class);
    if (channel.getLocalAddress() == null) {
      throw new IOException(ADOPTABLE);
    }
    channel.socket().setDeleteOnClose(false);
    channel.configureBlocking(false);
    return new DatagramListener(channel, name, descriptor);
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
    // receive() would make an address of the sender, who has no name and needs none.
    int unused = channel.read(buffer); // 0 for nothing and for an empty one
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

  /** Whether a datagram waits, be it an empty one. Costs more than to receive it. */
  public boolean waits() throws IOException {
    try (Selector selector = openSelector()) {
      SelectionKey unused = channel.register(selector, SelectionKey.OP_READ);
      return selector.selectNow() > 0;
    }
  }

  /** Where a socket is that was bound here. */
  public Path path() {
    return Path.of(name);
  }

  /** The path of its file, or what it was called when it was adopted. */
  @Override
  public String toString() {
    return name;
  }

  /** Closes the socket; one that was bound here is unlinked, unless its name is another's now. */
  @Override
  public void close() throws IOException {
    try (owned) {
      channel.close();
    }
  }
}
