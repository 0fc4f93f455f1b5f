package org.vmlog.testing;

import java.nio.ByteBuffer;
import org.vmlog.sink.LineSink;
import org.vmlog.sink.WriteResult;

/**
 * A sink whose lines end up in a {@link RecordingSink}: what a test needs otherwise it does on the
 * way there. As thread-safe as that.
 */
public abstract class RecordedSink implements LineSink {
  private final RecordingSink target;

  /** A sink whose device is its own. */
  protected RecordedSink() {
    this(new Object());
  }

  protected RecordedSink(Object device) {
    target = new RecordingSink(device);
  }

  /** What has been written, and done. */
  public final RecordingSink target() {
    return target;
  }

  @Override
  public WriteResult write(ByteBuffer[] lines) {
    return target.write(lines);
  }

  @Override
  public boolean isReady(long bytes) {
    return target.isReady(bytes);
  }

  @Override
  public boolean holdsLines() {
    return target.holdsLines();
  }

  @Override
  public void reopen() {
    target.reopen();
  }

  @Override
  public final Object device() {
    return target.device();
  }

  @Override
  public void close() {
    target.close();
  }
}
