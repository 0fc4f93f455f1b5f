package org.vmlog.fuzz;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;

/**
 * Takes an input apart: choices and numbers from its beginning, one after the other. Past the end
 * everything is zero, so that short inputs mean something too. Confined to one thread.
 */
public final class FuzzInput {
  private final byte[] bytes;
  private int at;

  public FuzzInput(byte[] bytes) {
    this.bytes = bytes;
  }

  /** One byte, 0 to 255. */
  public int nextByte() {
    return at < bytes.length ? bytes[at++] & 0xFF : 0;
  }

  /** A number from 0 to {@code bound - 1}, at most 255. */
  public int below(int bound) {
    return nextByte() % bound;
  }

  public boolean nextBoolean() {
    return (nextByte() & 1) != 0;
  }

  /** One of these. */
  @SafeVarargs
  public final <T> T oneOf(T... choices) {
    return choices[below(choices.length)];
  }

  public int nextInt() {
    return (nextByte() << 24) | (nextByte() << 16) | (nextByte() << 8) | nextByte();
  }

  public long nextLong() {
    return ((long) nextInt() << 32) | (nextInt() & 0xFFFF_FFFFL);
  }

  /** Up to 255 bytes, their number before them. */
  public byte[] nextBytes() {
    int from = at + (at < bytes.length ? 1 : 0);
    int to = Math.min(bytes.length, from + nextByte());
    at = to;
    return Arrays.copyOfRange(bytes, from, to);
  }

  /** Text of up to 255 bytes of UTF-8; ill-formed bytes are U+FFFD. */
  public String nextText() {
    return new String(nextBytes(), UTF_8);
  }

  /** Everything that is left. */
  public byte[] rest() {
    byte[] rest = Arrays.copyOfRange(bytes, at, bytes.length);
    at = bytes.length;
    return rest;
  }
}
