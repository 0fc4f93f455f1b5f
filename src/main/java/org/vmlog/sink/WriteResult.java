package org.vmlog.sink;

import java.io.IOException;
import java.time.Duration;

/** How far a write came. */
public sealed interface WriteResult {

  /** How many bytes are written for good, from the first on; always up to a line's end. */
  long bytes();

  /** All of it was written. */
  record Complete(long bytes) implements WriteResult {}

  /** The receiver takes no more for now; the rest may be offered again after a while. */
  record TryLater(long bytes, Duration delay) implements WriteResult {}

  /** The rest cannot be written now, and nothing of it was; see {@link LineSink#write}. */
  record Failed(long bytes, IOException cause) implements WriteResult {}
}
