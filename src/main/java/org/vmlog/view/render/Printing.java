package org.vmlog.view.render;

import java.time.ZoneId;
import java.util.Optional;

/**
 * How lines are to be printed. Immutable.
 *
 * @param format {@code short}, {@code short-iso}, {@code short-precise}, {@code cat}, {@code json},
 *     {@code export}, {@code raw} or {@code template}
 * @param template of that last
 * @param named whether lines say which VM's they are
 */
public record Printing(
    String format,
    Optional<String> template,
    boolean named,
    boolean coloured,
    ShownText shown,
    ZoneId zone) {

  /**
   * A printer of that kind.
   *
   * @throws IllegalArgumentException that says what is allowed
   */
  public LinePrinter printer() {
    return switch (format) {
      case "short", "short-iso", "short-precise" ->
          new ShortPrinter(new Times(zone).in(format), named, coloured, shown);
      case "cat" -> new TemplatePrinter("{message}", zone, shown);
      case "json" -> new JsonPrinter();
      case "export" -> new ExportPrinter(shown);
      case "raw" -> new RawPrinter(shown);
      case "template" ->
          new TemplatePrinter(
              template.orElseThrow(
                  () ->
                      new IllegalArgumentException(
                          "-o template: what it is has to be said by --template=TEXT")),
              zone,
              shown);
      default ->
          throw new IllegalArgumentException(
              ("format \"%s\"; allowed are short, short-iso, short-precise, cat, json, export, raw and"
                      + " template")
                  .formatted(format));
    };
  }
}
