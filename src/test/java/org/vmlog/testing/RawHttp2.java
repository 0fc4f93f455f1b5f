package org.vmlog.testing;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * An HTTP/2 client that sends whatever frames it is told to, in whatever order: what a hostile
 * guest's looks like. Frames by RFC 9113. Writes never block: what the server does not take is
 * dropped, as a flood's rest may be. Confined to one thread.
 */
public final class RawHttp2 implements AutoCloseable {
  public static final int DATA = 0;
  public static final int HEADERS = 1;
  public static final int RST_STREAM = 3;
  public static final int SETTINGS = 4;
  public static final int PING = 6;
  public static final int WINDOW_UPDATE = 8;
  public static final int CONTINUATION = 9;

  /** Of no meaning to anyone, and so ignored (RFC 9113 section 5.5). */
  public static final int UNKNOWN = 0xfa;

  public static final int END_STREAM = 1;
  public static final int ACK = 1;
  public static final int END_HEADERS = 4;

  private static final byte[] PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(US_ASCII);

  /** Before the first SETTINGS and WINDOW_UPDATE, RFC 9113 section 6.9.2. */
  private static final long DEFAULT_WINDOW = 65_535;

  private static final int SETTINGS_INITIAL_WINDOW_SIZE = 4;

  private final SocketChannel channel;
  private final ByteBuffer received = ByteBuffer.allocate(256 << 10);
  private final Map<Integer, Long> windows = new HashMap<>(); // 0 is the connection's
  private final Set<Integer> reset = new HashSet<>();
  private final Set<Integer> answered = new HashSet<>();
  private long initialWindow = DEFAULT_WINDOW;
  private int frames;

  private RawHttp2(SocketChannel channel) {
    this.channel = channel;
  }

  /** Connects and says nothing. */
  public static RawHttp2 connect(Path socket) throws IOException {
    SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
    channel.connect(UnixDomainSocketAddress.of(socket));
    channel.configureBlocking(false);
    return new RawHttp2(channel);
  }

  /** The preface and empty settings, as every client begins. */
  public RawHttp2 preface() throws IOException {
    send(ByteBuffer.wrap(PREFACE));
    return frame(SETTINGS, 0, 0, new byte[0]);
  }

  /** The preface, and a window of nothing for what the server answers. */
  public RawHttp2 prefaceWithoutWindow() throws IOException {
    send(ByteBuffer.wrap(PREFACE));
    byte[] setting = {0, SETTINGS_INITIAL_WINDOW_SIZE, 0, 0, 0, 0};
    return frame(SETTINGS, 0, 0, setting);
  }

  /** The headers of a call of CollectUserLogs. */
  public RawHttp2 callHeaders(int stream) throws IOException {
    return frame(HEADERS, END_HEADERS, stream, headers());
  }

  /** The headers of a Push. */
  public RawHttp2 pushHeaders(int stream) throws IOException {
    return frame(HEADERS, END_HEADERS, stream, headers("/" + StreamGuest.METHOD));
  }

  /** A gRPC message's beginning: its announced length, and as much of it as is given. */
  public RawHttp2 message(int stream, int announcedLength, byte[] part, boolean end)
      throws IOException {
    ByteBuffer data = ByteBuffer.allocate(5 + part.length);
    data.put((byte) 0).putInt(announcedLength).put(part);
    return frame(DATA, end ? END_STREAM : 0, stream, data.array());
  }

  /** Any frame. */
  public RawHttp2 frame(int type, int flags, int stream, byte[] payload) throws IOException {
    ByteBuffer frame = ByteBuffer.allocate(9 + payload.length);
    frame.put((byte) (payload.length >> 16)).putShort((short) payload.length);
    frame.put((byte) type).put((byte) flags).putInt(stream).put(payload);
    send(frame.flip());
    return this;
  }

  /** The header block of a call, each field a literal without indexing (RFC 7541 section 6.2.2). */
  public static byte[] headers() {
    return headers("/vm_tools.LogCollector/CollectUserLogs");
  }

  private static byte[] headers(String path) {
    ByteArrayOutputStream block = new ByteArrayOutputStream();
    field(block, ":method", "POST");
    field(block, ":scheme", "http");
    field(block, ":path", path);
    field(block, ":authority", "vmlog");
    field(block, "content-type", "application/grpc");
    field(block, "te", "trailers");
    return block.toByteArray();
  }

  private static void field(ByteArrayOutputStream block, String name, String value) {
    block.write(0);
    block.write(name.length());
    block.writeBytes(name.getBytes(US_ASCII));
    block.write(value.length());
    block.writeBytes(value.getBytes(US_ASCII));
  }

  private void send(ByteBuffer bytes) throws IOException {
    long deadline = System.nanoTime() + Duration.ofSeconds(2).toNanos();
    while (bytes.hasRemaining() && System.nanoTime() < deadline) {
      if (channel.write(bytes) == 0) {
        drain();
        Thread.onSpinWait();
      }
    }
  }

  /**
   * Sends a part of a message if the server's windows have room for it (RFC 9113 section 5.2).
   *
   * @return false when they have not, or the server has reset the stream
   */
  public boolean more(int stream, byte[] part) throws IOException {
    long room = Math.min(window(0), window(stream));
    if (room < part.length || reset.contains(stream)) {
      return false;
    }
    windows.put(0, window(0) - part.length);
    windows.put(stream, window(stream) - part.length);
    frame(DATA, 0, stream, part);
    return true;
  }

  /** Whether the server has given up the stream. */
  public boolean isReset(int stream) {
    return reset.contains(stream);
  }

  /** Whether the server has answered on the stream with a message, and not with a status alone. */
  public boolean isAnswered(int stream) {
    return answered.contains(stream);
  }

  private long window(int stream) {
    return windows.getOrDefault(stream, stream == 0 ? DEFAULT_WINDOW : initialWindow);
  }

  /** Takes in what the server has said; false when the server has closed. */
  public boolean drain() throws IOException {
    int read = channel.read(received);
    while (read > 0) {
      received.flip();
      while (received.remaining() >= 9 && received.remaining() >= 9 + length()) {
        takeFrame();
      }
      received.compact();
      read = channel.read(received);
    }
    return read == 0;
  }

  private int length() {
    return received.getInt(received.position()) >>> 8;
  }

  /** How many frames the server has sent, of those that were taken in. */
  public int received() {
    return frames;
  }

  private void takeFrame() {
    frames++;
    int length = length();
    int start = received.position() + 9;
    int type = received.get(start - 6);
    int flags = received.get(start - 5);
    int stream = received.getInt(start - 4);
    if (type == WINDOW_UPDATE) {
      windows.put(stream, window(stream) + received.getInt(start));
    } else if (type == DATA) {
      answered.add(stream);
    } else if (type == RST_STREAM || type == HEADERS && (flags & END_STREAM) != 0) {
      reset.add(stream);
    } else if (type == SETTINGS) {
      for (int at = start; at < start + length; at += 6) {
        if (received.getShort(at) == SETTINGS_INITIAL_WINDOW_SIZE) {
          initialWindow = received.getInt(at + 2);
        }
      }
    }
    received.position(start + length);
  }

  /** Whether the server closes the connection within this time; takes in what it says meanwhile. */
  public boolean isClosedWithin(Duration patience) throws InterruptedException {
    long deadline = System.nanoTime() + patience.toNanos();
    while (System.nanoTime() < deadline) {
      try {
        if (!drain()) {
          return true;
        }
      } catch (IOException e) {
        return true; // reset by the server
      }
      Thread.sleep(20);
    }
    return false;
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
