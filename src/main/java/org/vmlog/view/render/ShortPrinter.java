package org.vmlog.view.render;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.OutputStream;
import java.time.ZoneId;
import java.util.HashMap;
import java.util.Map;
import org.vmlog.logs.LogName;
import org.vmlog.record.LineView;
import org.vmlog.view.LogLine;

/**
 * {@code short} and {@code short-iso}: the time, whose line it is where that is in question, and
 * what was said. In colour, each VM has its own, and severities have journalctl's. Confined to one
 * thread.
 */
final class ShortPrinter implements LinePrinter {
  private final Times times;
  private final boolean iso;
  private final boolean named;
  private final boolean coloured;
  private final ShownText shown;
  private final Map<LogName, String> labels = new HashMap<>();

  ShortPrinter(ZoneId zone, boolean iso, boolean named, boolean coloured, ShownText shown) {
    this.times = new Times(zone);
    this.iso = iso;
    this.named = named;
    this.coloured = coloured;
    this.shown = shown;
  }

  @Override
  public void print(LogLine line, OutputStream out) throws IOException {
    LineView parts = line.line();
    String time = iso ? times.iso(parts.micros()) : times.shortly(parts.micros());
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
