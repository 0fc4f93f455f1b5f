package org.vmlog.sink;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where a pipe's lines end up. Confined to the pipe's writer: at most one thread calls it at a
 * time, and what that thread did is visible to the next. Any call may take as long as its device
 * does.
 */
public interface LineSink extends AutoCloseable {

  /**
   * Writes lines. The first byte begins a line and the last is a newline; a line may span two
   * buffers. The buffers' positions and limits say what to write, and are undefined afterwards.
   *
   * <p>What the result counts has left this process for good (write(2) or send(2) has returned for
   * it) and ends on a newline; nothing of what it does not count stands in the sink. But for one
   * case: when a file's lines were written and then could not be forced to the disk, they are not
   * counted, and may stand there all the same.
   */
  WriteResult write(ByteBuffer[] lines);

  /**
   * Whether to write so many bytes is one write(2) now, to a file that is open, and nothing to be
   * done before or after. Never waits for the device.
   */
  default boolean isReady(long bytes) {
    return false;
  }

  /**
   * Whether a log is here that holds lines already, which those that come will follow.
   *
   * @throws IOException if it cannot be told
   */
  default boolean holdsLines() throws IOException {
    return false;
  }

  /**
   * Lets go of the file or socket; a file is opened anew at once, so that it is there to be
   * followed before the first line comes. What SIGHUP asks for, and a VM's start. Where it cannot
   * be opened the next write tries again and says why not.
   */
  void reopen();

  /**
   * Begins a new file now, if there is one with something in it.
   *
   * @throws IOException if it cannot; the file grows on
   */
  default void rotate() throws IOException {}

  /**
   * How soon {@link #sync} is to be called for lines that may not survive a loss of power yet; null
   * when there are none, or nobody asked for that.
   */
  default @Nullable Duration syncDue() {
    return null;
  }

  /** Forces such lines to the disk. */
  default void sync() {}

  /**
   * What this sink's I/O waits for, compared with {@code equals}: sinks with the same device hang
   * together. A sink that cannot hang answers an object of its own.
   */
  Object device();

  /**
   * All that this sink's I/O may come to wait for. {@link #device} is the one of these where it is,
   * if it is anywhere, or else where it would be first.
   */
  default List<Object> devices() {
    return List.of(device());
  }

  /** Releases everything. Never throws: what could not be closed is logged. */
  @Override
  void close();
}
