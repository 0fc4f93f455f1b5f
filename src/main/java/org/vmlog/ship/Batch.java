package org.vmlog.ship;

/**
 * Whole lines of one file, in a row. Confined to one thread, and good until the engine has taken
 * it: the array is used again.
 *
 * @param file the id of the file
 * @param offset of the first line in the file's uncompressed text
 * @param text the lines, each with its newline, in {@code [0, length)}
 * @param count how many lines they are
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record Batch(LogSource source, long file, long offset, byte[] text, int length, int count)
    implements Shipment {

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
