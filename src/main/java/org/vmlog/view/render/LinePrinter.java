package org.vmlog.view.render;

import java.io.IOException;
import java.io.OutputStream;
import org.vmlog.view.LogLine;

/** Prints lines in one of the formats of {@code -o}. Confined to one thread. */
public interface LinePrinter {
  /** Prints it, with a newline at its end. */
  void print(LogLine line, OutputStream out) throws IOException;
}
