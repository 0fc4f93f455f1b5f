package org.vmlog.ship;

/**
 * Whole lines of one file, in a row. Confined to one thread, and good until the engine has taken
 * it: the array is used again.
 */
public final class Batch implements Shipment {
  private final LogSource source;
  private final long file;
  private final long offset;
  private final byte[] text;
  private final int length;
  private final int count;

  /**
   * Wraps lines.
   *
   * @param offset of the first line in the file's uncompressed text
   * @param text the lines, each with its newline, in {@code [0, length)}
   * @param count how many lines they are
   */
  public Batch(LogSource source, long file, long offset, byte[] text, int length, int count) {
    this.source = source;
    this.file = file;
    this.offset = offset;
    this.text = text;
    this.length = length;
    this.count = count;
  }

  @Override
  public LogSource source() {
    return source;
  }

  @Override
  public long file() {
    return file;
  }

  /** Of the first line, in the file's uncompressed text. */
  public long offset() {
    return offset;
  }

  /** The lines, each with its newline; what is behind {@link #length} is not theirs. */
  public byte[] text() {
    return text;
  }

  public int length() {
    return length;
  }

  /** How many lines there are. */
  public int count() {
    return count;
  }

  /** The offset behind the last line. */
  public long end() {
    return offset + length;
  }

  /** Told of each line. */
  public interface Lines {
    /**
     * Takes one.
     *
     * @param from where it begins in the text
     * @param to where its newline is
     */
    void line(int from, int to);
  }

  /** Goes through the lines. */
  public void forEach(Lines lines) {
    int from = 0;
    for (int at = 0; at < length; at++) {
      if (text[at] == '\n') {
        lines.line(from, at);
        from = at + 1;
      }
    }
  }
}
