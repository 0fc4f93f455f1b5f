package org.vmlog.wire;

import io.grpc.netty.shaded.io.netty.buffer.ByteBufAllocator;
import io.grpc.netty.shaded.io.netty.buffer.PooledByteBufAllocator;
import io.grpc.netty.shaded.io.netty.util.internal.PlatformDependent;

/**
 * What connections take beside what {@link RequestMemory} counts, and so how many of them this
 * process has memory for: docs/security.md has the table. Stateless.
 */
public final class ConnectionMemory {
  /** The largest buffer of one read; each event loop has one, and only while it reads. */
  static final int READ_BYTES = 32 << 10;

  /**
   * What a peer may leave unread of what it is sent, before the connection is closed; netty counts
   * each piece with 96 bytes for itself.
   */
  static final int UNREAD_BYTES = 16 << 10;

  /** Measured: 8 KiB, and up to 8 KiB of headers. */
  static final long HEAP_BYTES = 16 << 10;

  private static final int PAGE_BYTES = 8 << 10;

  /** Chunks of 128 KiB: there is never much in them. */
  private static final int CHUNK_ORDER = 4;

  private static final int SMALL_CACHE = 64;
  private static final int NORMAL_CACHE = 8;

  /** For all buffers of connections: direct memory of two arenas, one for each event loop. */
  static final ByteBufAllocator BUFFERS =
      new PooledByteBufAllocator(
          true, 0, 2, PAGE_BYTES, CHUNK_ORDER, SMALL_CACHE, NORMAL_CACHE, false);

  private ConnectionMemory() {}

  /** A quarter of the heap, and of direct memory. */
  public static int connections() {
    return connections(Runtime.getRuntime().maxMemory(), maxDirectBytes());
  }

  /** As the JVM's options have it, -XX:MaxDirectMemorySize. */
  public static long maxDirectBytes() {
    return PlatformDependent.maxDirectMemory();
  }

  static int connections(long maxHeapBytes, long maxDirectBytes) {
    long fit = Math.min(maxHeapBytes / 4 / HEAP_BYTES, maxDirectBytes / 4 / UNREAD_BYTES);
    return (int) Math.min(Integer.MAX_VALUE, fit);
  }
}
