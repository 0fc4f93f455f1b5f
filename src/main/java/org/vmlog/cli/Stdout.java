package org.vmlog.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.vmlog.platform.OneLine;
import picocli.CommandLine;

/**
 * Where a command prints, buffered, whether as bytes or by picocli's writer. It remembers that it
 * could not be written to, which a writer hides, and then takes nothing more. Thread-safe.
 */
final class Stdout extends OutputStream {
  private static final int BUFFER_BYTES = 64 * 1024;

  private final BufferedOutputStream buffer;
  private @Nullable IOException failure;

  /** This process's. */
  Stdout() {
    this(new Descriptor());
  }

  Stdout(OutputStream to) {
    buffer = new BufferedOutputStream(new Once(to), BUFFER_BYTES);
  }

  /** It cannot be written to: no room, no device. Who has run the command says so. */
  static final class FailedException extends IOException {
    private static final long serialVersionUID = 1L;

    private FailedException(IOException cause) {
      super(cause.getMessage(), cause);
    }
  }

  /** Whoever was at the other end of stdout, a pipe, has gone. */
  static final class ReaderGoneException extends IOException {
    private static final long serialVersionUID = 1L;

    private ReaderGoneException(IOException cause) {
      super(cause);
    }
  }

  /**
   * Runs a program.
   *
   * @return its exit code: that of an I/O error, which is said in one line, if not all that it
   *     printed has been written
   */
  int run(CommandLine line, String... arguments) {
    PrintWriter printed = new PrintWriter(new OutputStreamWriter(this, UTF_8));
    line.setOut(printed);
    int code = line.execute(arguments);
    printed.flush();
    IOException failed = failure();
    if (failed == null || failed instanceof ReaderGoneException) {
      return code;
    }
    line.getErr().println(OneLine.of("cannot write to stdout: " + failed.getMessage()));
    line.getErr().flush();
    return ExitCode.IO;
  }

  private synchronized @Nullable IOException failure() {
    return failure;
  }

  @Override
  public synchronized void write(int b) throws IOException {
    buffer.write(b);
  }

  @Override
  public synchronized void write(byte[] bytes, int offset, int length) throws IOException {
    buffer.write(bytes, offset, length);
  }

  @Override
  public synchronized void flush() throws IOException {
    buffer.flush();
  }

  /** Lets nothing through after a failure: what comes behind a hole is worth nothing. */
  private final class Once extends FilterOutputStream {
    Once(OutputStream to) {
      super(to);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      synchronized (Stdout.this) {
        if (failure != null) {
          throw failure;
        }
        try {
          out.write(bytes, offset, length);
        } catch (ReaderGoneException e) {
          failure = e;
          throw e;
        } catch (IOException e) {
          failure = new FailedException(e);
          throw failure;
        }
      }
    }
  }

  /**
   * Tells EPIPE by what stdout is: Java has no type for it, and a pipe fails for no other reason.
   */
  private static final class Descriptor extends OutputStream {
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
}
