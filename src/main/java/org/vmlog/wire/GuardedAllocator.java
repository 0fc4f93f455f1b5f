package org.vmlog.wire;

import io.grpc.netty.shaded.io.netty.buffer.AbstractByteBufAllocator;
import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import io.grpc.netty.shaded.io.netty.buffer.ByteBufAllocator;
import org.vmlog.platform.OutOfMemory;

/**
 * Has the process end when there is no memory for a connection's buffer. netty would close the
 * connection that asked, whoever had taken the memory, and go on like that. Thread-safe.
 */
final class GuardedAllocator extends AbstractByteBufAllocator {
  private final ByteBufAllocator allocator;

  GuardedAllocator(ByteBufAllocator allocator) {
    super(allocator.isDirectBufferPooled());
    this.allocator = allocator;
  }

  @Override
  protected ByteBuf newHeapBuffer(int initialCapacity, int maxCapacity) {
    return allocator.heapBuffer(initialCapacity, maxCapacity);
  }

  @Override
  protected ByteBuf newDirectBuffer(int initialCapacity, int maxCapacity) {
    try {
      return allocator.directBuffer(initialCapacity, maxCapacity);
    } catch (OutOfMemoryError e) {
      OutOfMemory.exitIf(e);
      throw e;
    }
  }

  @Override
  public boolean isDirectBufferPooled() {
    return allocator.isDirectBufferPooled();
  }
}
