package org.vmlog.platform;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.function.Consumer;
import org.newsclub.net.unix.AFUNIXSocketChannel;

/**
 * Passes the bytes of one connection on to another and back, until both directions have ended.
 * Holds 32 KiB, and reads no more from one end than the other takes. Confined to the thread of its
 * selector.
 */
public final class SocketRelay implements SelectorLoop.Watched {
  private static final int BUFFER_BYTES = 16 << 10;

  /** What comes from one end and goes to the other. */
  private static final class Way {
    private final AFUNIXSocketChannel from;
    private final AFUNIXSocketChannel to;
    private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
    private boolean atEnd;
    private boolean done;

    Way(AFUNIXSocketChannel from, AFUNIXSocketChannel to) {
      this.from = from;
      this.to = to;
    }

    /** Moves what can be moved now. */
    void move() throws IOException {
      boolean moves = !done;
      while (moves) {
        int read = atEnd ? 0 : from.read(buffer);
        atEnd |= read < 0;
        buffer.flip();
        int written = buffer.hasRemaining() ? to.write(buffer) : 0;
        buffer.compact();
        moves = written > 0;
      }
      if (!done && atEnd && buffer.position() == 0) {
        done = true;
        to.shutdownOutput();
      }
    }

    boolean canRead() {
      return !atEnd && buffer.hasRemaining();
    }

    boolean hasMore() {
      return buffer.position() > 0;
    }
  }

  private final Descriptor left;
  private final Descriptor right;
  private final Way there;
  private final Way back;
  private final SelectionKey leftKey;
  private final SelectionKey rightKey;
  private final Consumer<SocketRelay> onEnd;
  private boolean ended;

  /**
   * Begins.
   *
   * @param left Unix streams; this object's from now on, unless this throws
   * @param onEnd told once, with this, that both are closed
   */
  public SocketRelay(
      Descriptor left, Descriptor right, Selector selector, Consumer<SocketRelay> onEnd)
      throws IOException {
    this.left = left;
    this.right = right;
    this.onEnd = onEnd;
    AFUNIXSocketChannel one = StreamSocket.channel(left);
    AFUNIXSocketChannel two = StreamSocket.channel(right);
    one.configureBlocking(false);
    two.configureBlocking(false);
    there = new Way(one, two);
    back = new Way(two, one);
    leftKey = one.register(selector, SelectionKey.OP_READ, this);
    rightKey = two.register(selector, SelectionKey.OP_READ, this);
  }

  @Override
  public void ready(SelectionKey key) {
    if (ended) {
      return;
    }
    try {
      there.move();
      back.move();
      // A key that is no longer valid is of an end that has hung up: all it had was in its socket.
      if ((there.done && back.done)
          || (!leftKey.isValid() && !there.hasMore())
          || (!rightKey.isValid() && !back.hasMore())) {
        close();
        return;
      }
      watch(leftKey, there, back);
      watch(rightKey, back, there);
    } catch (IOException e) {
      close(); // one of them has gone, and the other learns it by this
    }
  }

  private static void watch(SelectionKey key, Way from, Way to) {
    if (key.isValid()) {
      key.interestOps(
          (from.canRead() ? SelectionKey.OP_READ : 0) | (to.hasMore() ? SelectionKey.OP_WRITE : 0));
    }
  }

  /** Ends both connections. */
  public void close() {
    if (!ended) {
      ended = true;
      leftKey.cancel();
      rightKey.cancel();
      left.closeQuietly();
      right.closeQuietly();
      onEnd.accept(this);
    }
  }
}
