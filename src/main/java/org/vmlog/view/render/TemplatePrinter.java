package org.vmlog.view.render;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.OutputStream;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.vmlog.record.Severity;
import org.vmlog.view.LogLine;

/**
 * {@code --template}: text in which names in braces stand for a line's parts, two braces for one,
 * and backslashes with t and n for what they do elsewhere. Confined to one thread.
 */
final class TemplatePrinter implements LinePrinter {
  private final Times times;
  private final Map<String, Function<LogLine, String>> fields = new TreeMap<>();
  private final List<Function<LogLine, String>> parts = new ArrayList<>();

  /**
   * Takes a template.
   *
   * @throws IllegalArgumentException that says which fields there are
   */
  TemplatePrinter(String template, ZoneId zone, ShownText shown) {
    this.times = new Times(zone);
    fields.put("time", line -> times.shortly(line.line().micros()));
    fields.put("iso", line -> times.precisely(line.line().micros()));
    fields.put("vm", line -> line.log().shown());
    fields.put("host", line -> shown.of(line.log().host()));
    fields.put("owner", line -> shown.of(line.log().owner()));
    fields.put("name", line -> shown.of(line.log().name()));
    fields.put("cid", line -> LineFields.cid(line.line()));
    fields.put("severity", line -> Severity.of(line.line().severity()).keyword());
    fields.put("facility", line -> Integer.toString(line.line().facility()));
    fields.put("channel", line -> LineFields.channel(line.line()));
    fields.put("tag", line -> shown.of(line.line().tag()));
    fields.put("pid", line -> line.line().pid());
    fields.put("message", line -> shown.of(line.line().body()));
    fields.put("content", line -> shown.of(line.line().content()));
    fields.put("raw", line -> shown.of(line.line().toString()));
    parse(template.replace("\\t", "\t").replace("\\n", "\n"));
  }

  private void parse(String template) {
    StringBuilder literal = new StringBuilder();
    for (int i = 0; i < template.length(); i++) {
      if (template.charAt(i) != '{') {
        literal.append(template.charAt(i));
      } else if (template.startsWith("{{", i)) {
        literal.append('{');
        i++;
      } else {
        int close = template.indexOf('}', i);
        String name = template.substring(i + 1, close < 0 ? template.length() : close);
        Function<LogLine, String> field = fields.get(name);
        if (field == null || close < 0) {
          throw new IllegalArgumentException(
              "template: {%s}; allowed are {%s}, and {{ for a brace"
                  .formatted(name, String.join("}, {", fields.keySet())));
        }
        String before = literal.toString();
        parts.add(line -> before);
        parts.add(field);
        literal.setLength(0);
        i = close;
      }
    }
    String rest = literal + "\n";
    parts.add(line -> rest);
  }

  @Override
  public void print(LogLine line, OutputStream out) throws IOException {
    StringBuilder text = new StringBuilder();
    parts.forEach(part -> text.append(part.apply(line)));
    out.write(text.toString().getBytes(UTF_8));
  }
}
