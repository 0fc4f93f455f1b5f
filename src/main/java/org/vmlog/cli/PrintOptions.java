package org.vmlog.cli;

import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.vmlog.view.query.TextMatch;
import org.vmlog.view.render.LinePrinter;
import org.vmlog.view.render.Printing;
import org.vmlog.view.render.ShownText;
import picocli.CommandLine.Option;

/** The options that say how lines are shown, of all commands that show lines. */
final class PrintOptions {
  static final String COLOUR =
      "auto, on a terminal unless $$NO_COLOR is set; always; never. Default: auto.";

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      order = 40,
      description =
          "short, as journalctl shows lines; short-iso, with the year and the zone; short-precise,"
              + " with microseconds where the file has them; cat, what was said alone; json, an"
              + " object a line with journalctl's names; export, journalctl's format of that name; raw, as"
              + " in the file; template. Default: short.")
  private @Nullable String format;

  @Option(
      names = "--template",
      paramLabel = "TEXT",
      order = 41,
      description =
          "The line of -o template, which this implies, as in '{iso} {vm} {tag}: {message}'. There"
              + " are {time}, {iso}, {vm}, {host}, {owner}, {name}, {cid}, {severity}, {facility},"
              + " {channel}, {tag}, {pid}, {message}, {content}, which is all the guest wrote, and"
              + " {raw}; {{ is a brace.")
  private @Nullable String template;

  @Option(names = "--utc", order = 42, description = "Show times in UTC.")
  private boolean utc;

  @Option(names = "--color", paramLabel = "WHEN", order = 42, description = COLOUR)
  private String colour = "auto";

  @Option(
      names = "--highlight",
      paramLabel = "REGEX",
      order = 43,
      description = "Mark what matches, where there is colour; may be given more than once.")
  private List<String> highlights = List.of();

  @Option(
      names = "--raw",
      order = 44,
      description =
          "Print lines byte for byte as they are in the file. Elsewhere what could act on a"
              + " terminal is escaped before one gets it.")
  private boolean raw;

  @Option(names = "--yes", order = 45, description = "Do that even to a terminal.")
  private boolean yes;

  /**
   * The printer that was asked for.
   *
   * @param named whether lines are to say which VM's they are
   * @param looked for, which is marked, too
   */
  LinePrinter printer(Session session, boolean named, Optional<TextMatch> looked) {
    if (raw && session.terminal() && !yes) {
      throw new IllegalArgumentException(
          "--raw to a terminal: what guests wrote could act on it; --yes allows it");
    }
    List<TextMatch> marks = new ArrayList<>();
    if (isColoured(session)) {
      highlights.forEach(regex -> marks.add(TextMatch.regex(regex, false)));
      looked.ifPresent(marks::add);
    }
    ShownText shown = new ShownText(session.terminal() && !raw, marks);
    return new Printing(
            format(),
            Optional.ofNullable(template),
            named,
            isColoured(session),
            shown,
            utc ? ZoneOffset.UTC : session.zone())
        .printer();
  }

  private String format() {
    if (raw) {
      return "raw";
    }
    if (format == null) {
      return template == null ? "short" : "template";
    }
    return format;
  }

  boolean isColoured(Session session) {
    return isColoured(colour, session);
  }

  /** Whether to use colour, as {@code --color} says. */
  static boolean isColoured(String colour, Session session) {
    return switch (colour) {
      case "auto" -> session.likesColour();
      case "always" -> true;
      case "never" -> false;
      default ->
          throw new IllegalArgumentException(
              "--color=%s; allowed are auto, always and never".formatted(colour));
    };
  }
}
