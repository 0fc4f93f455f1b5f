package org.vmlog.cli;

import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.time.ZoneId;
import java.util.Map;
import org.vmlog.platform.HostZone;

/**
 * What a command that shows logs finds around it. Immutable.
 *
 * @param out buffered; lines are bytes, not text
 * @param terminal whether that is one, and not a file or another program
 */
record Session(
    OutputStream out,
    boolean terminal,
    Map<String, String> environment,
    ZoneId zone,
    InstantSource clock) {
  private static final int BUFFER_BYTES = 64 * 1024;

  /** This process's. */
  static Session ofProcess() {
    return new Session(
        new BufferedOutputStream(new Stdout(), BUFFER_BYTES),
        isTerminal(),
        System.getenv(),
        HostZone.here(),
        InstantSource.system());
  }

  /** Whoever was at the other end of stdout, a pipe, has gone. */
  static final class ReaderGoneException extends IOException {
    private static final long serialVersionUID = 1L;

    private ReaderGoneException(IOException cause) {
      super(cause);
    }
  }

  /**
   * Tells EPIPE by what stdout is: Java has no type for it, and a pipe fails for no other reason.
   */
  private static final class Stdout extends OutputStream {
    // inode(7)
    private static final int TYPE_BITS = 0170000;
    private static final int FIFO = 0010000;
    private static final int SOCKET = 0140000;

    private final FileOutputStream out = new FileOutputStream(FileDescriptor.out);

    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      try {
        out.write(bytes, offset, length);
      } catch (IOException e) {
        throw isPipe() ? new ReaderGoneException(e) : e;
      }
    }

    private static boolean isPipe() throws IOException {
      int type = (int) Files.getAttribute(Path.of("/proc/self/fd/1"), "unix:mode") & TYPE_BITS;
      return type == FIFO || type == SOCKET;
    }
  }

  /** Java's own answer is for stdin and stdout together, and another with each version. */
  private static boolean isTerminal() {
    try {
      String stdout = Files.readSymbolicLink(Path.of("/proc/self/fd/1")).toString();
      return stdout.startsWith("/dev/pts/")
          || stdout.startsWith("/dev/tty")
          || stdout.equals("/dev/console");
    } catch (IOException e) {
      return true; // not to be told: better escaped than not
    }
  }

  /** Whether that is a terminal on which one can write anywhere. */
  boolean hasScreen() {
    return terminal && !environment.getOrDefault("TERM", "dumb").equals("dumb");
  }

  /** Whether a terminal of this kind is to have colours, unless it was said. */
  boolean likesColour() {
    return terminal
        && environment.getOrDefault("NO_COLOR", "").isEmpty()
        && !environment.getOrDefault("TERM", "").equals("dumb");
  }
}
