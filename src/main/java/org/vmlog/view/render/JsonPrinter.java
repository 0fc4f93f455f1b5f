package org.vmlog.view.render;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.OutputStream;
import org.vmlog.platform.Json;
import org.vmlog.view.LogLine;

/** {@code json}: an object a line, with journalctl's habit of having every value as a string. */
final class JsonPrinter implements LinePrinter {
  @Override
  public void print(LogLine line, OutputStream out) throws IOException {
    out.write((Json.of(LineFields.of(line)) + "\n").getBytes(UTF_8));
  }
}
