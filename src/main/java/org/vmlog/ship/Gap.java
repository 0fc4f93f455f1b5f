package org.vmlog.ship;

import java.util.HexFormat;
import org.vmlog.logs.LogText;

/**
 * What was not shipped, and never will be. Immutable.
 *
 * @param from the offset of the first byte that was not acknowledged
 * @param to behind the last; if the file is gone, how large it was at least
 */
public record Gap(LogSource source, long file, long from, long to, Cause cause)
    implements Shipment {
  /** Why it will not. */
  public enum Cause {
    /** As the forwarder's quota has it, or a person. */
    DELETED("were deleted before they were shipped"),
    /** The file is damaged, or may not be read. */
    UNREADABLE("cannot be read"),
    /** No line of a forwarder's is as long. */
    TOO_LONG("are a line of more than " + (LogText.MAX_LINE_BYTES >> 20) + " MiB");

    private final String text;

    Cause(String text) {
      this.text = text;
    }
  }

  /** A gap in what was deleted. */
  public Gap(LogSource source, long file, long from, long to) {
    this(source, file, from, to, Cause.DELETED);
  }

  public long bytes() {
    return to - from;
  }

  /** What stands in the place of the lines. */
  public String text() {
    return "vmlog-ship: %s bytes %s, from %s of file %s"
        .formatted(bytes(), cause.text, from, HexFormat.of().toHexDigits(file));
  }
}
