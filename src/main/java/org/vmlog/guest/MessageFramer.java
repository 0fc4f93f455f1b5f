package org.vmlog.guest;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Finds the messages in a stream of bytes. There are two habits: glibc's syslog(3) ends a message
 * with a NUL, and logger(1) with a newline. A newline that is within a message is none's end: it is
 * an end where nothing follows for now, where a {@code <PRI>} follows, or when the message did not
 * begin with one and so is just a line.
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
    private final byte[] message = SyslogMessages.newMessage();
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

  MessageFramer(Workspace workspace) {
    this.workspace = workspace;
  }

  /** Takes what came, and leaves nothing in the buffer. */
  void accept(ByteBuffer bytes) {
    byte[] message = workspace.message;
    int length = takeUnfinished(message);
    while (bytes.hasRemaining()) {
      byte b = bytes.get();
      if (isEnd(b, bytes, length > 0 && message[0] == '<')) {
        end(length);
        length = 0;
      } else if (length < SyslogMessages.MAX_BYTES) {
        message[length] = b;
        length++;
      } else if (!skipping) {
        workspace.messages.acceptCut(message);
        skipping = true;
      }
    }
    keepUnfinished(message, length);
  }

  private static boolean isEnd(byte b, ByteBuffer behind, boolean prioritised) {
    if (b == '\n') {
      return !behind.hasRemaining() || !prioritised || behind.get(behind.position()) == '<';
    }
    return b == 0;
  }

  private void end(int length) {
    if (!skipping && length > 0) {
      workspace.messages.accept(workspace.message, 0, length);
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
      workspace.messages.accept(message, 0, length);
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
