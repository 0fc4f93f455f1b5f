package org.vmlog.view.render;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.OutputStream;
import org.vmlog.record.LineView;
import org.vmlog.view.LogLine;

/** {@code raw}: the line as it stands in the file, byte for byte where it is not escaped. */
final class RawPrinter implements LinePrinter {
  private final ShownText shown;

  RawPrinter(ShownText shown) {
    this.shown = shown;
  }

  @Override
  public void print(LogLine line, OutputStream out) throws IOException {
    LineView parts = line.line();
    if (shown.escaped() || !shown.marks().isEmpty()) {
      out.write(shown.of(parts.toString()).getBytes(UTF_8));
    } else {
      out.write(parts.bytes(), parts.from(), parts.to() - parts.from());
    }
    out.write('\n');
  }
}
