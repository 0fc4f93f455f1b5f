package org.vmlog.platform;

import java.io.Closeable;
import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.newsclub.net.unix.AFUNIXDatagramChannel;
import org.newsclub.net.unix.AFUNIXSelectorProvider;
import org.newsclub.net.unix.AFUNIXSocketAddress;

/**
 * Sends datagrams to a socket on a path, such as {@code /dev/log}, and never waits. Connects by
 * itself with the first send, and anew after the receiver went away. Confined to one thread at a
 * time.
 */
public final class DatagramSender implements Closeable {
  /** What the kernel counts against the send buffer besides the bytes; see unix_dgram_sendmsg. */
  private static final int KERNEL_OVERHEAD_BYTES = 32;

  private final Path path;
  private @Nullable AFUNIXDatagramChannel channel;
  private String failure = "";
  private int maxBytes;

  public DatagramSender(Path path) {
    this.path = path;
  }

  /** What became of a datagram. */
  public enum Outcome {
    /** The receiver has it in its queue. */
    SENT,
    /** The receiver's queue is full: it does not read as fast as it is sent to. */
    WOULD_BLOCK,
    /** This datagram can never be sent; one of at most {@link #maxBytes} can. */
    TOO_LARGE,
    /** Nobody receives at the path now, see {@link #failure}; the next send connects anew. */
    UNREACHABLE
  }

  /**
   * Sends what lies between the buffer's position and limit as one datagram.
   *
   * @throws IllegalArgumentException when that is empty: an empty datagram that was sent cannot be
   *     told from one that was not
   */
  public Outcome send(ByteBuffer datagram) {
    if (!datagram.hasRemaining()) {
      throw new IllegalArgumentException("an empty datagram; allowed is one byte and more");
    }
    try {
      AFUNIXDatagramChannel connected = connected();
      // Asked beforehand: EMSGSIZE reaches Java only as a message in the user's language.
      if (datagram.remaining() > maxBytes) {
        return Outcome.TOO_LARGE;
      }
      return connected.write(datagram) > 0 ? Outcome.SENT : Outcome.WOULD_BLOCK;
    } catch (IOException e) {
      // ECONNREFUSED has closed the channel already; whatever else it was, a new one is the cure.
      close();
      failure = String.valueOf(e.getMessage());
      return Outcome.UNREACHABLE;
    }
  }

  /** Whether somebody receives there now; if not, {@link #failure} says why. Sends nothing. */
  public boolean isReachable() {
    try {
      var unused = connected();
      return true;
    } catch (IOException e) {
      close();
      failure = String.valueOf(e.getMessage());
      return false;
    }
  }

  /**
   * Sends as {@link #send}, whatever its size, by way of a file: see {@link FileDatagram}. May take
   * some milliseconds, and in a rare case sends what is then sent again.
   *
   * @return {@link Outcome#TOO_LARGE} if no such file can be made
   */
  public Outcome sendAsFile(ByteBuffer content) {
    try {
      return FileDatagram.send(path, content);
    } catch (IOException e) {
      failure = String.valueOf(e.getMessage());
      return Outcome.UNREACHABLE;
    }
  }

  /** The largest datagram that the socket takes; 0 before the first connection. */
  public int maxBytes() {
    return maxBytes;
  }

  /** Why the last {@link Outcome#UNREACHABLE} was one; empty before any. */
  public String failure() {
    return failure;
  }

  /** Lets go of the socket; the next send connects anew. */
  @Override
  public void close() {
    AFUNIXDatagramChannel open = channel;
    channel = null;
    if (open != null) {
      closeQuietly(open);
    }
  }

  private AFUNIXDatagramChannel connected() throws IOException {
    AFUNIXDatagramChannel open = channel;
    if (open == null) {
      open = connect();
      channel = open;
    }
    return open;
  }

  private AFUNIXDatagramChannel connect() throws IOException {
    AFUNIXDatagramChannel fresh = AFUNIXSelectorProvider.provider().openDatagramChannel();
    try (ShortPath address = ShortPath.of(path)) {
      fresh.configureBlocking(false);
      fresh.connect(AFUNIXSocketAddress.of(address.path()));
      maxBytes = fresh.getOption(StandardSocketOptions.SO_SNDBUF) - KERNEL_OVERHEAD_BYTES;
      return fresh;
    } catch (IOException | RuntimeException e) {
      closeQuietly(fresh);
      throw e;
    }
  }

  /** Nothing is buffered in a datagram socket, so nothing is lost when close(2) complains. */
  private static void closeQuietly(AFUNIXDatagramChannel channel) {
    try {
      channel.close();
    } catch (IOException e) {
      // The descriptor is gone all the same, close(2).
    }
  }
}
