package org.vmlog.sink;

import java.time.Duration;
import java.util.Optional;

/**
 * When a VM's file is rotated and what is kept of it.
 *
 * @param maxSizeBytes rotate before a write that would take the file past this size
 * @param maxAge rotate a file that was begun this long ago
 * @param keep how many rotated files stay, {@code .log.1} to {@code .log.keep}; 0 keeps none
 * @param compress whether rotated files from {@code .log.2} on are gzipped
 * @param expire how long after its last line a file goes to which nobody writes; empty for never
 */
public record RotationPolicy(
    long maxSizeBytes, Duration maxAge, int keep, boolean compress, Optional<Duration> expire) {

  /** No file goes for its age alone. */
  public RotationPolicy(long maxSizeBytes, Duration maxAge, int keep, boolean compress) {
    this(maxSizeBytes, maxAge, keep, compress, Optional.empty());
  }
}
