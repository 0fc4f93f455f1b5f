package org.vmlog.sink;

import java.util.Arrays;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * What a guest calls one of its streams: any 1 to 32 bytes, made anew at each of its boots.
 * Immutable, compared by its bytes.
 */
public final class StreamId {
  public static final int MAX_BYTES = 32;

  private final byte[] bytes;

  /**
   * Copies the id.
   *
   * @throws IllegalArgumentException if it has no byte or too many
   */
  public StreamId(byte[] bytes) {
    if (bytes.length == 0 || bytes.length > MAX_BYTES) {
      throw new IllegalArgumentException(
          "stream_id has %s bytes; allowed are 1 to %s".formatted(bytes.length, MAX_BYTES));
    }
    this.bytes = bytes.clone();
  }

  /** Not to be changed. */
  byte[] bytes() {
    return bytes;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof StreamId that && Arrays.equals(bytes, that.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  /** In hexadecimal: the bytes are a guest's, and may be anything. */
  @Override
  public String toString() {
    return HexFormat.of().formatHex(bytes);
  }
}
