package org.vmlog.guest;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.vmlog.platform.StreamListener;

/**
 * A stream socket, for programs that log to one, and the connections that came in by it. When there
 * are too many, the one that was silent for longest is closed, which its program takes for a
 * restart. Confined to the sockets' thread.
 */
final class StreamSource implements SocketSource {
  private static final int MAX_CONNECTIONS = 256;
  private static final int READ_BYTES = 64 * 1024;
  private static final int TURN = 16;

  private final StreamListener listener;
  private final MessageFramer.Workspace workspace;
  private final ByteBuffer received = ByteBuffer.allocateDirect(READ_BYTES);

  /** The least recently active first. */
  private final Deque<Program> programs = new ArrayDeque<>();

  private @Nullable Selector selector;

  StreamSource(StreamListener listener, SyslogMessages messages) {
    this.listener = listener;
    this.workspace = new MessageFramer.Workspace(messages);
  }

  @Override
  public void register(Selector with) throws IOException {
    selector = with;
    SelectionKey unused = listener.register(with, this);
  }

  @Override
  public boolean read() throws IOException {
    for (int i = 0; i < TURN; i++) {
      StreamListener.Connection connection = listener.accept();
      if (connection == null) {
        return false;
      }
      if (programs.size() == MAX_CONNECTIONS) {
        programs.getFirst().close();
      }
      Program program = new Program(connection);
      programs.addLast(program);
      program.register(Objects.requireNonNull(selector));
      // At once: what one program said before another began is to stay before it.
      boolean unused = program.read();
    }
    return true;
  }

  @Override
  public void close() throws IOException {
    while (!programs.isEmpty()) {
      programs.getFirst().close();
    }
    listener.close();
  }

  /** One connection: a program, as a rule. */
  private final class Program implements SocketSource {
    private final StreamListener.Connection connection;
    private final MessageFramer framer = new MessageFramer(workspace);

    Program(StreamListener.Connection connection) {
      this.connection = connection;
    }

    @Override
    public void register(Selector with) throws IOException {
      SelectionKey unused = connection.register(with, this);
    }

    @Override
    public boolean read() throws IOException {
      programs.remove(this);
      programs.addLast(this);
      if (take()) {
        return true;
      }
      close();
      return false;
    }

    /** Takes what has come; answers false at the end of the stream. */
    private boolean take() {
      try {
        int count = 1;
        for (int i = 0; i < TURN && count > 0; i++) {
          received.clear();
          count = connection.read(received);
          framer.accept(received.flip());
        }
        return count >= 0;
      } catch (IOException e) {
        return false; // it was reset, which is an end as well
      }
    }

    /** Takes what waits in the socket, too: what a program has written it takes for logged. */
    @Override
    public void close() throws IOException {
      if (programs.remove(this)) {
        boolean unused = take();
        framer.end();
        connection.close();
      }
    }
  }
}
