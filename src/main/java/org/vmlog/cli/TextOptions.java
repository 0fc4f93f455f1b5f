package org.vmlog.cli;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.vmlog.view.query.TextMatch;
import picocli.CommandLine.Option;

/** The options that say what is to stand in a line, of the commands that take them as options. */
final class TextOptions {
  @Option(
      names = {"-g", "--grep"},
      paramLabel = "REGEX",
      order = 30,
      description = "Lines in which this is found, in what the guest wrote; it is marked.")
  private @Nullable String regex;

  @Option(
      names = {"-i", "--ignore-case"},
      order = 31,
      description = "Find it in either case.")
  private boolean ignoreCase;

  @Option(
      names = {"-v", "--invert-match"},
      order = 32,
      description = "Lines in which it is not found.")
  private boolean inverted;

  /** What is to be found; empty if nothing is. */
  Optional<TextMatch> text() {
    return Optional.ofNullable(regex).map(typed -> TextMatch.regex(typed, ignoreCase));
  }

  boolean areInverted() {
    return inverted;
  }
}
