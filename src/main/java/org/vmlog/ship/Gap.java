package org.vmlog.ship;

/**
 * What was deleted before it was shipped, as the forwarder's quota has it or a person. Immutable.
 *
 * @param from the offset of the first byte that was not acknowledged
 * @param to how large the file was at least
 */
public record Gap(LogSource source, long file, long from, long to) implements Shipment {
  public long bytes() {
    return to - from;
  }

  /** What stands in the place of the lines. */
  public String text() {
    return "vmlog-ship: %s bytes were deleted before they were shipped, from %s of file %016x"
        .formatted(bytes(), from, file);
  }
}
