package org.vmlog.view;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Lines of one log in their order, read as they are asked for. Confined to one thread. */
interface LineStream extends AutoCloseable {
  /** The next line; null if there is none. */
  @Nullable LogLine next() throws IOException;

  @Override
  void close() throws IOException;
}
