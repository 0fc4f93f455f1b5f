package org.vmlog.platform;

import java.io.Closeable;
import java.io.FileDescriptor;
import java.io.IOException;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.ArrayList;
import java.util.List;
import org.newsclub.net.unix.AFUNIXDatagramChannel;
import org.newsclub.net.unix.AFUNIXDatagramSocket;

/**
 * One end of a connected {@code SOCK_SEQPACKET} socket: whole messages with descriptors, in order,
 * and an end of file when the other side is gone. Nothing here waits.
 *
 * <p>Confined to one thread at a time.
 */
public final class PacketSocket implements Closeable {
  /** Of one message; a larger one is told from a whole one, and is lost. */
  public static final int MAX_BYTES = 64 * 1024;

  /** junixsocket makes such sockets, but knows one that it is handed for nothing at all. */
  private static final MethodHandle OVER = packetSocketOver();

  private final AFUNIXDatagramChannel channel;

  private PacketSocket(AFUNIXDatagramChannel channel) throws IOException {
    this.channel = channel;
    channel.configureBlocking(false);
    AncillaryBuffer.enlarge(channel);
  }

  /** Both ends of a socketpair(2): the one to keep, and the one to hand out. */
  public record Pair(PacketSocket ours, Descriptor theirs) {}

  /** What a call to {@link #receive} found. */
  public sealed interface Received {
    /** Nothing waits. */
    record Nothing() implements Received {}

    /** The other side is gone, and all that it has sent is received. */
    record End() implements Received {}

    /**
     * One message.
     *
     * @param truncated that it was larger than {@link #MAX_BYTES} and only its beginning is left
     * @param descriptors that came with it; the receiver's to close
     */
    @SuppressWarnings("ArrayRecordComponent") // nobody compares packets
    record Packet(byte[] bytes, boolean truncated, List<Descriptor> descriptors)
        implements Received, Closeable {

      /** Closes what came with it. */
      @Override
      public void close() {
        descriptors.forEach(Descriptor::closeQuietly);
      }
    }
  }

  private static final Received NOTHING = new Received.Nothing();
  private static final Received END = new Received.End();

  public static Pair pair() throws IOException {
    StreamSocket.Pair pair = SocketPair.make(SocketPair.SEQPACKET);
    try {
      return new Pair(over(pair.left()), pair.right());
    } catch (IOException e) {
      pair.right().closeQuietly();
      throw e;
    }
  }

  /** The socket behind a descriptor, which is closed. If it is none, to use it fails. */
  public static PacketSocket over(Descriptor descriptor) throws IOException {
    try (descriptor) {
      Descriptor ours = descriptor.duplicate();
      try {
        AFUNIXDatagramSocket socket = (AFUNIXDatagramSocket) OVER.invokeExact(ours.java(), 0, 0);
        return new PacketSocket(socket.getChannel());
      } catch (Throwable e) {
        ours.close();
        throw new IOException("not a SOCK_SEQPACKET socket: " + e.getMessage(), e);
      }
    }
  }

  private static MethodHandle packetSocketOver() {
    MethodType type =
        MethodType.methodType(
            AFUNIXDatagramSocket.class, FileDescriptor.class, int.class, int.class);
    try {
      return MethodHandles.privateLookupIn(AFUNIXDatagramSocket.class, MethodHandles.lookup())
          .findStatic(AFUNIXDatagramSocket.class, "newInstance", type);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("this junixsocket is another than the one built with", e);
    }
  }

  /**
   * Sends one message with the descriptors, which stay the caller's.
   *
   * @return false when the other side has too much unread
   * @throws IOException when there is no other side any more
   * @throws IllegalArgumentException when the message is empty: one that was sent could not be told
   *     from one that was not
   */
  public boolean send(byte[] message, Descriptor... descriptors) throws IOException {
    if (message.length == 0) {
      throw new IllegalArgumentException("an empty message; allowed is one byte and more");
    }
    FileDescriptor[] attached = new FileDescriptor[descriptors.length];
    for (int i = 0; i < attached.length; i++) {
      attached[i] = descriptors[i].java();
    }
    channel.setOutboundFileDescriptors(attached);
    try {
      return channel.write(ByteBuffer.wrap(message)) > 0;
    } finally {
      channel.setOutboundFileDescriptors((FileDescriptor[]) null);
    }
  }

  /**
   * Takes one message, if one waits.
   *
   * @param buffer from {@link #newBuffer}
   */
  public Received receive(ByteBuffer buffer) throws IOException {
    for (int attempt = 0; ; attempt++) {
      buffer.clear();
      int length = channel.read(buffer);
      List<Descriptor> descriptors = descriptors();
      if (length > 0 || !descriptors.isEmpty()) {
        byte[] bytes = new byte[Math.min(buffer.flip().remaining(), MAX_BYTES)];
        buffer.get(bytes);
        return new Received.Packet(bytes, buffer.hasRemaining(), descriptors);
      }
      // An empty message reads as the end does, but the end stays.
      if (length == 0 || attempt > 0) {
        return length == 0 ? NOTHING : END;
      }
    }
  }

  /** A buffer for {@link #receive}: with one byte more than is kept, a full one tells. */
  public static ByteBuffer newBuffer() {
    return ByteBuffer.allocateDirect(MAX_BYTES + 1);
  }

  private List<Descriptor> descriptors() throws IOException {
    List<Descriptor> ours = new ArrayList<>();
    for (FileDescriptor theirs : channel.getReceivedFileDescriptors()) {
      ours.add(Descriptor.takeOver(theirs)); // what was received outlives what it came over
    }
    return ours;
  }

  /** Watches for operations of {@link SelectionKey} with {@link DatagramListener#openSelector}. */
  public SelectionKey register(Selector selector, int operations, Object attachment)
      throws IOException {
    return channel.register(selector, operations, attachment);
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      // The descriptor is gone all the same, close(2).
    }
  }
}
