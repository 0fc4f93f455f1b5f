package org.vmlog.view;

import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.vmlog.logs.LogCursor;
import org.vmlog.logs.LogText;

/** What a log held when it was opened, and where it goes on. Confined to one thread. */
interface Past extends LineStream {
  /** A file that may grow, and how much of it has been read. */
  record Rest(LogText file, long offset) {}

  /**
   * The file that is written to, when everything has been read; null if there is none. It is the
   * caller's to close.
   */
  @Nullable Rest rest() throws IOException;

  /** Where reading got to, when everything has been read; empty if there was nothing. */
  Optional<LogCursor> position();
}
