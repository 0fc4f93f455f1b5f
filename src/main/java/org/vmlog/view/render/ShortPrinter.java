package org.vmlog.view.render;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.OutputStream;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongFunction;
import org.vmlog.logs.LogName;
import org.vmlog.record.LineView;
import org.vmlog.view.LogLine;

/**
 * {@code short}, {@code short-iso} and {@code short-precise}: the time, whose line it is where that
 * is in question, and what was said. In colour, each VM has its own, and severities have
 * journalctl's. Confined to one thread.
 */
final class ShortPrinter implements LinePrinter {
  private final LongFunction<String> times;
  private final boolean named;
  private final boolean coloured;
  private final ShownText shown;
  private final Map<LogName, String> labels = new HashMap<>();

  /**
   * Makes a printer.
   *
   * @param times shows microseconds since 1970
   */
  ShortPrinter(LongFunction<String> times, boolean named, boolean coloured, ShownText shown) {
    this.times = times;
    this.named = named;
    this.coloured = coloured;
    this.shown = shown;
  }

  @Override
  public void print(LogLine line, OutputStream out) throws IOException {
    LineView parts = line.line();
    String time = times.apply(parts.micros());
    String label = named ? labels.computeIfAbsent(line.log(), this::label) : "";
    out.write((time + " " + label).getBytes(UTF_8));
    if (!coloured && !shown.escaped()) {
      out.write(parts.bytes(), parts.contentFrom(), parts.to() - parts.contentFrom());
    } else {
      out.write(content(parts).getBytes(UTF_8));
    }
    out.write('\n');
  }

  private String label(LogName name) {
    String text = name.shown();
    return coloured ? Ansi.colour(text) + text + Ansi.RESET + " " : text + " ";
  }

  private String content(LineView parts) {
    String text = shown.of(parts.content());
    return coloured
        ? Ansi.severity(parts.severity()).map(colour -> colour + text + Ansi.RESET).orElse(text)
        : text;
  }
}
