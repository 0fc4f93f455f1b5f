package org.vmlog.record;

/**
 * Makes untrusted bytes one line of valid UTF-8. The output is at most {@value #MAX_EXPANSION}
 * times as long as the input.
 *
 * <p>Ill-formed input is divided as Unicode chapter 3.9 recommends (maximal subparts): the longest
 * prefix that could begin a valid sequence is one unit, and the byte that broke it is looked at
 * again. {@code new String(bytes, UTF_8)} divides surrogates differently, so decoding is by hand.
 *
 * <p>Stateless. Thread-safe.
 */
public sealed interface Scrubber permits StandardScrubber, StrictScrubber {

  /** How many bytes of output one byte of input can become. */
  int MAX_EXPANSION = 4;

  static Scrubber of(ScrubMode mode) {
    return switch (mode) {
      case STANDARD -> StandardScrubber.INSTANCE;
      case STRICT -> StrictScrubber.INSTANCE;
    };
  }

  /**
   * Appends the scrubbed form of {@code src[offset, offset + length)}, as much of it as fits. The
   * end of that range is the content's end: a sequence that it cuts short is ill-formed.
   *
   * @return how many bytes of input are done; less than {@code length} means that {@code out} has
   *     no room for the next character or escape, never that a part of one was written. Scrubbing
   *     goes on from there with a call for the rest.
   */
  int scrub(byte[] src, int offset, int length, LineBuffer out);
}
