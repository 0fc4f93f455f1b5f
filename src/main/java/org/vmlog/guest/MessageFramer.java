package org.vmlog.guest;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.vmlog.record.SyslogParser;

/**
 * Finds the messages in a stream of bytes. There are two habits: glibc's syslog(3) ends a message
 * with a NUL, and logger(1) with a newline. So a newline is no end when a NUL came along with it,
 * later. Else it is one where nothing follows for now, when the message did not begin with a {@code
 * <PRI>} and so is just a line, and in front of a {@code <PRI>} on a connection without NULs. In
 * front of a message newlines are nothing.
 *
 * <p>Confined to one thread.
 */
final class MessageFramer {
  private static final byte[] NONE = {};

  /** What the streams of one thread share. */
  static final class Workspace {
    /** For unfinished messages of all streams together. */
    private static final int MAX_UNFINISHED_BYTES = 1 << 20;

    private final SyslogMessages messages;
    private final byte[] message = SyslogParser.newMessage();
    private final byte[] beginning = new byte["<191>".length()];
    private int unfinishedBytes;

    Workspace(SyslogMessages messages) {
      this.messages = messages;
    }
  }

  private final Workspace workspace;

  /** The beginning of a message that has no end yet. */
  private byte[] unfinished = NONE;

  /** The rest of a message that was cut is still to come. */
  private boolean skipping;

  /** A NUL has ended a message on this connection. */
  private boolean nuls;

  MessageFramer(Workspace workspace) {
    this.workspace = workspace;
  }

  /** Takes what came, and leaves nothing in the buffer. */
  void accept(ByteBuffer bytes) {
    byte[] message = workspace.message;
    int length = takeUnfinished(message);
    int lastNul = lastNul(bytes);
    nuls |= lastNul >= 0;
    while (bytes.hasRemaining()) {
      byte b = bytes.get();
      if (isEnd(b, bytes, lastNul, length > 0 && message[0] == '<')) {
        end(length);
        length = 0;
      } else if (b == '\n' && length == 0 && !skipping) {
        // An empty line is none.
      } else if (length < SyslogParser.MAX_BYTES) {
        message[length] = b;
        length++;
      } else if (!skipping) {
        workspace.messages.acceptCut(message);
        skipping = true;
      }
    }
    keepUnfinished(message, length);
  }

  /** Where the last NUL is that came; -1 when there is none. */
  private static int lastNul(ByteBuffer bytes) {
    int at = bytes.limit() - 1;
    while (at >= bytes.position() && bytes.get(at) != 0) {
      at--;
    }
    return at >= bytes.position() ? at : -1;
  }

  private boolean isEnd(byte b, ByteBuffer behind, int lastNul, boolean prioritised) {
    if (b != '\n' || behind.position() <= lastNul) {
      return b == 0;
    }
    return !prioritised || !behind.hasRemaining() || (!nuls && beginsMessage(behind));
  }

  private boolean beginsMessage(ByteBuffer behind) {
    int length = Math.min(behind.remaining(), workspace.beginning.length);
    behind.get(behind.position(), workspace.beginning, 0, length);
    return SyslogParser.mayBeginMessage(workspace.beginning, 0, length);
  }

  private void end(int length) {
    if (!skipping && length > 0) {
      workspace.messages.accept(workspace.message, length);
    }
    skipping = false;
  }

  private int takeUnfinished(byte[] message) {
    int length = unfinished.length;
    System.arraycopy(unfinished, 0, message, 0, length);
    workspace.unfinishedBytes -= length;
    unfinished = NONE;
    return length;
  }

  private void keepUnfinished(byte[] message, int length) {
    if (skipping) {
      return;
    }
    if (workspace.unfinishedBytes + length > Workspace.MAX_UNFINISHED_BYTES) {
      workspace.messages.accept(message, length);
      skipping = true;
      return;
    }
    unfinished = length == 0 ? NONE : Arrays.copyOf(message, length);
    workspace.unfinishedBytes += length;
  }

  /** The stream has ended, and with it the message. */
  void end() {
    end(takeUnfinished(workspace.message));
  }
}
