package org.vmlog.view.render;

import java.util.Optional;

/** The escape sequences of ECMA-48 that every terminal knows. Stateless. */
final class Ansi {
  static final String RESET = "\u001b[0m";
  static final String DIM = "\u001b[2m";
  static final String MARK = "\u001b[7m";
  static final String UNMARK = "\u001b[27m";

  /** Colours that can be read on dark and on light; as many as {@link VmColour#COUNT}. */
  private static final String[] PALETTE = {
    "\u001b[32m", "\u001b[33m", "\u001b[34m", "\u001b[35m", "\u001b[36m",
    "\u001b[92m", "\u001b[93m", "\u001b[94m", "\u001b[95m", "\u001b[96m"
  };

  private Ansi() {}

  /** Always the same for the same text, on every host. */
  static String colour(String text) {
    return PALETTE[VmColour.of(text)];
  }

  /** As journalctl has it; nothing for what is ordinary. */
  static Optional<String> severity(int severity) {
    return switch (severity) {
      case 0, 1, 2, 3 -> Optional.of("\u001b[1;31m");
      case 4 -> Optional.of("\u001b[33m");
      case 5 -> Optional.of("\u001b[1m");
      case 7 -> Optional.of("\u001b[90m");
      default -> Optional.empty();
    };
  }
}
