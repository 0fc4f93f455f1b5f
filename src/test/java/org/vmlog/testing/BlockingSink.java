package org.vmlog.testing;

import java.nio.ByteBuffer;
import java.util.concurrent.CountDownLatch;
import org.vmlog.sink.LineSink;
import org.vmlog.sink.WriteResult;

/**
 * A sink on a disk that hangs: a write does not return, and nothing of it is written, until the
 * sink is released. Thread-safe.
 */
public final class BlockingSink implements LineSink {
  private final RecordingSink target;
  private final CountDownLatch entered = new CountDownLatch(1);
  private final CountDownLatch released = new CountDownLatch(1);

  /** A sink whose device is its own. */
  public BlockingSink() {
    this(new Object());
  }

  public BlockingSink(Object device) {
    target = new RecordingSink(device);
  }

  @Override
  public WriteResult write(ByteBuffer[] lines) {
    entered.countDown();
    Await.down(released);
    return target.write(lines);
  }

  @Override
  public boolean isReady(long bytes) {
    return target.isReady(bytes);
  }

  /** Waits until a write hangs. */
  public void awaitBlocked() {
    Await.down(entered);
  }

  public boolean isBlocked() {
    return entered.getCount() == 0 && released.getCount() > 0;
  }

  /** Lets the write that hangs return, and no other hang. */
  public void release() {
    released.countDown();
  }

  /** What has been written. */
  public RecordingSink target() {
    return target;
  }

  @Override
  public void reopen() {
    target.reopen();
  }

  @Override
  public Object device() {
    return target.device();
  }

  @Override
  public void close() {
    target.close();
  }
}
