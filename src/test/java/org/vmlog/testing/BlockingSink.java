package org.vmlog.testing;

import java.nio.ByteBuffer;
import java.util.concurrent.CountDownLatch;
import org.vmlog.sink.WriteResult;

/**
 * A sink on a disk that hangs: a write does not return, and nothing of it is written, until the
 * sink is released. Thread-safe.
 */
public final class BlockingSink extends RecordedSink {
  private final CountDownLatch entered = new CountDownLatch(1);
  private final CountDownLatch released = new CountDownLatch(1);

  /** A sink whose device is its own. */
  public BlockingSink() {}

  public BlockingSink(Object device) {
    super(device);
  }

  @Override
  public WriteResult write(ByteBuffer[] lines) {
    entered.countDown();
    Await.down(released);
    return super.write(lines);
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
}
