package org.vmlog.sink;

import java.time.Instant;
import org.vmlog.logs.LogFileName;

/** Whether a file has to stay although its room is needed. Thread-safe. */
@FunctionalInterface
interface Retention {
  /** Nothing has to. */
  Retention NONE = (log, file, modified) -> false;

  /**
   * Asked before a file is removed; may read files.
   *
   * @param file what it is called now
   * @param modified when its last line was written
   */
  boolean keeps(LogFileName log, String file, Instant modified);
}
