package org.vmlog.wire;

import io.grpc.netty.shaded.io.netty.util.internal.PlatformDependent;

/**
 * How many connections this process has memory for, if every one of them takes as much as it can:
 * beside what {@link InboundBudget} counts, a connection has its state in the heap, with the
 * headers of its calls, and in direct memory a buffer for a partial frame and what is free of each
 * request. Stateless.
 */
public final class ConnectionMemory {
  /** The largest buffer of one read; a partial frame may hold it. */
  static final int READ_BYTES = 32 << 10;

  static final int CALLS = 4;

  /** Measured: 12 KiB, and up to 16 KiB of headers. */
  private static final long HEAP_BYTES = 32 << 10;

  private static final long DIRECT_BYTES = READ_BYTES + CALLS * (InboundBudget.FREE_BYTES * 4 / 3L);

  private ConnectionMemory() {}

  /** Half of the heap and two fifths of direct memory, for the pipes are there as well. */
  public static int connections() {
    return connections(Runtime.getRuntime().maxMemory(), maxDirectBytes());
  }

  /** As the JVM's options have it, -XX:MaxDirectMemorySize. */
  public static long maxDirectBytes() {
    return PlatformDependent.maxDirectMemory();
  }

  static int connections(long maxHeapBytes, long maxDirectBytes) {
    long fit = Math.min(maxHeapBytes / 2 / HEAP_BYTES, maxDirectBytes * 2 / 5 / DIRECT_BYTES);
    return (int) Math.min(Integer.MAX_VALUE, fit);
  }
}
