package org.vmlog.bus;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.EOFException;
import java.io.FileDescriptor;
import java.io.IOException;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.freedesktop.dbus.connections.BusAddress;
import org.freedesktop.dbus.connections.SASL;
import org.freedesktop.dbus.connections.config.TransportConfig;
import org.freedesktop.dbus.connections.impl.DBusConnection;
import org.freedesktop.dbus.connections.transports.AbstractTransport;
import org.freedesktop.dbus.exceptions.DBusException;
import org.freedesktop.dbus.exceptions.MessageTypeException;
import org.freedesktop.dbus.exceptions.TransportConfigurationException;
import org.freedesktop.dbus.messages.Message;
import org.freedesktop.dbus.messages.MethodCall;
import org.freedesktop.dbus.messages.MethodReturn;
import org.jspecify.annotations.Nullable;
import org.newsclub.net.unix.AFUNIXSocketAddress;
import org.newsclub.net.unix.AFUNIXSocketChannel;
import org.newsclub.net.unix.FileDescriptorCast;
import org.slf4j.LoggerFactory;
import org.vmlog.platform.AncillaryBuffer;
import org.vmlog.platform.Descriptor;
import org.vmlog.platform.LimitedLog;

/**
 * The messages of one connection to a bus. It is in the place of dbus-java's own transport for
 * three things which that lacks: a descriptor that nobody wanted is closed, a message has a largest
 * size, and a method call can be answered later than in the call.
 *
 * <p>Read by dbus-java's reader thread alone; written to by any.
 */
final class BusTransport extends AbstractTransport {
  private static final String KEY = BusTransport.class.getName();
  private static final LimitedLog LOG = LimitedLog.on(LoggerFactory.getLogger(BusTransport.class));

  /** Takes method calls before dbus-java looks for an object of its own. */
  @FunctionalInterface
  interface CallHandler {
    /**
     * Called on the reader thread; must not block.
     *
     * @param descriptors what came with the call: the handler's own, if it takes the call
     * @return whether it takes the call, and will answer it
     */
    boolean take(MethodCall call, List<Descriptor> descriptors);
  }

  private final AFUNIXSocketAddress address;
  private final List<CallHandler> handlers = new CopyOnWriteArrayList<>();

  /** By number: what came with the answers to our own calls and is not taken yet. */
  private final Map<Integer, Descriptor> answered = new ConcurrentHashMap<>();

  /** The calls that wait for an answer, by serial, and the descriptors that have come with it. */
  @GuardedBy("itself")
  private final Map<Long, List<Integer>> awaited = new HashMap<>();

  /** What is closed when the message that carries it has been written. */
  private final Map<Message, List<Descriptor>> given = new ConcurrentHashMap<>();

  private volatile @Nullable AFUNIXSocketChannel channel;
  private volatile boolean closed;

  BusTransport(BusAddress address, TransportConfig config) throws TransportConfigurationException {
    super(address, config);
    String path = address.getParameterValue("path");
    String name = path != null ? path : "\0" + address.getParameterValue("abstract");
    try {
      this.address = AFUNIXSocketAddress.of(name.getBytes(StandardCharsets.UTF_8));
    } catch (SocketException e) {
      throw new TransportConfigurationException("no Unix socket's address: " + name, e);
    }
    getSaslConfig().setAuthMode(SASL.AUTH_EXTERNAL);
    config.getAdditionalConfig().put(KEY, this);
  }

  /** The transport of a connection that {@link BusSession} has made. */
  static BusTransport of(DBusConnection bus) {
    Object transport = bus.getTransportConfig().getAdditionalConfig().get(KEY);
    return Objects.requireNonNull((BusTransport) transport, "not a connection of BusSession's");
  }

  void onCall(CallHandler handler) {
    handlers.add(handler);
  }

  /** The descriptor that came with an answer under this number, once; null if there is none. */
  @Nullable Descriptor take(int number) {
    return answered.remove(number);
  }

  /** Has descriptors closed when the message is written, or when it cannot be any more. */
  void give(Message message, List<Descriptor> descriptors) {
    given.put(message, List.copyOf(descriptors));
  }

  @Override
  protected boolean hasFileDescriptorSupport() {
    return true;
  }

  @Override
  protected SocketChannel connectImpl() throws IOException {
    AFUNIXSocketChannel socket = AFUNIXSocketChannel.open();
    channel = socket;
    socket.configureBlocking(true);
    socket.connect(address);
    AncillaryBuffer.enlarge(socket);
    return socket;
  }

  /**
   * Until it is closed from this end, whatever the bus has done. dbus-java ends its reader only
   * while it takes a connection for connected; one whose bus has gone would be read from for ever.
   */
  @Override
  public synchronized boolean isConnected() {
    return channel != null && !closed;
  }

  /** The next message that is for dbus-java; null if the next one is not. */
  @Override
  public @Nullable Message readMessage() throws IOException, DBusException {
    AFUNIXSocketChannel socket = open();
    BusFrame frame = BusFrame.read(socket);
    // The kernel attaches them to the message's first byte, so that they are of no other one.
    List<Descriptor> received = new ArrayList<>();
    boolean kept = false;
    try {
      for (FileDescriptor descriptor : socket.getReceivedFileDescriptors()) {
        received.add(Descriptor.takeOver(descriptor)); // or it would be closed with the connection
      }
      Message message = frame.parse(handles(received));
      if (frame.isTooLarge()) {
        refuse(message, frame.bodyBytes());
        return null;
      }
      if (message instanceof MethodReturn answer) {
        kept = keep(answer.getReplySerial(), received);
        return message;
      }
      kept = message instanceof MethodCall call && isTaken(call, received);
      return kept ? null : message;
    } catch (MessageTypeException | RuntimeException e) {
      LOG.warn("a message on D-Bus is left out, for it does not parse: {}", e.toString());
      return null;
    } finally {
      if (!kept) {
        received.forEach(Descriptor::closeQuietly);
      }
    }
  }

  private static List<org.freedesktop.dbus.FileDescriptor> handles(List<Descriptor> descriptors)
      throws IOException {
    List<org.freedesktop.dbus.FileDescriptor> handles = new ArrayList<>();
    for (Descriptor descriptor : descriptors) {
      handles.add(new org.freedesktop.dbus.FileDescriptor(descriptor.number()));
    }
    return handles;
  }

  private boolean isTaken(MethodCall call, List<Descriptor> descriptors) {
    return handlers.stream().anyMatch(handler -> handler.take(call, descriptors));
  }

  /** False if nobody waits for that answer any more. */
  private boolean keep(long call, List<Descriptor> descriptors) throws IOException {
    synchronized (awaited) {
      List<Integer> numbers = awaited.get(call);
      if (numbers == null) {
        return false;
      }
      for (Descriptor descriptor : descriptors) {
        int number = descriptor.number();
        answered.put(number, descriptor);
        numbers.add(number);
      }
      return true;
    }
  }

  /** An answer to this call is waited for, until {@link #end}. */
  void await(long call) {
    synchronized (awaited) {
      awaited.put(call, new ArrayList<>());
    }
  }

  /**
   * Waits for it no more.
   *
   * @param answered whether the caller has the answer, and what came with it is his
   */
  void end(long call, boolean answered) {
    List<Integer> came;
    synchronized (awaited) {
      came = awaited.remove(call);
    }
    if (!answered && came != null) {
      came.stream().map(this::take).filter(Objects::nonNull).forEach(Descriptor::closeQuietly);
    }
  }

  private void refuse(Message message, long bodyBytes) throws IOException, DBusException {
    String why =
        "the arguments have %s bytes; allowed are %s".formatted(bodyBytes, BusFrame.MAX_BYTES);
    LOG.warn("a message of {} on D-Bus is left out: {}", message.getSource(), why);
    if (message instanceof MethodCall) {
      writeMessage(
          getMessageFactory()
              .createError(
                  message.getSource(), BusException.LIMITS, message.getSerial(), "s", why));
    }
  }

  /**
   * Writes it, or answers a call for which that cannot be done. Of a failure dbus-java would make
   * an end of the connection, on this thread, which would wait for the one that closes it already;
   * and that one for an answer to what has not been written. That the bus has gone the reader finds
   * out.
   */
  @Override
  public synchronized void writeMessage(Message message) throws IOException {
    try {
      write(message);
    } catch (IOException e) {
      if (message instanceof MethodCall call) {
        call.setReply(noReply(call, e));
      }
    } finally {
      Objects.requireNonNullElse(given.remove(message), List.<Descriptor>of())
          .forEach(Descriptor::closeQuietly);
    }
  }

  private void write(Message message) throws IOException {
    AFUNIXSocketChannel socket = open();
    socket.setOutboundFileDescriptors(attached(message));
    // In one piece, so that the descriptors go with the first byte.
    ByteBuffer bytes = bytes(message);
    while (bytes.hasRemaining()) {
      int unused = socket.write(bytes);
    }
  }

  private Message noReply(MethodCall call, IOException why) throws IOException {
    try {
      return getMessageFactory()
          .createError(
              null,
              null,
              BusException.NO_REPLY,
              call.getSerial(),
              "s",
              "the call cannot be sent: " + why.getMessage());
    } catch (DBusException e) {
      throw new IOException(e);
    }
  }

  private static FileDescriptor[] attached(Message message) throws IOException {
    List<org.freedesktop.dbus.FileDescriptor> handles = message.getFiledescriptors();
    FileDescriptor[] attached = new FileDescriptor[handles.size()];
    for (int i = 0; i < attached.length; i++) {
      int number = handles.get(i).getIntFileDescriptor();
      attached[i] = FileDescriptorCast.unsafeUsing(number).getFileDescriptor();
    }
    return attached;
  }

  private static ByteBuffer bytes(Message message) {
    List<byte[]> parts = Arrays.stream(message.getWireData()).filter(Objects::nonNull).toList();
    ByteBuffer bytes = ByteBuffer.allocate(parts.stream().mapToInt(part -> part.length).sum());
    parts.forEach(bytes::put);
    return bytes.flip();
  }

  private AFUNIXSocketChannel open() throws IOException {
    AFUNIXSocketChannel socket = channel;
    if (socket == null || !socket.isOpen()) {
      throw new EOFException("not connected");
    }
    return socket;
  }

  @Override
  protected void closeTransport() throws IOException {
    closed = true;
    AFUNIXSocketChannel socket = channel;
    if (socket != null) {
      socket.close();
    }
    answered.values().forEach(Descriptor::closeQuietly);
    given.values().forEach(carried -> carried.forEach(Descriptor::closeQuietly));
  }

  @Override
  protected void bindImpl() {
    throw new UnsupportedOperationException("buses are connected to, not made");
  }

  @Override
  protected SocketChannel acceptImpl() {
    throw new UnsupportedOperationException("buses are connected to, not made");
  }

  @Override
  protected boolean isBound() {
    return false;
  }
}
