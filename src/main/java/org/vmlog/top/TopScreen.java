package org.vmlog.top;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.jline.terminal.Attributes;
import org.jline.terminal.Size;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;
import org.jline.utils.AttributedString;
import org.jline.utils.AttributedStyle;
import org.jline.utils.InfoCmp.Capability;
import org.jline.utils.NonBlockingReader;

/**
 * The terminal as a screen of its own, as long as this is open; closing leaves everything as it was
 * found. Keys may be read by another thread than draws.
 */
final class TopScreen implements AutoCloseable {
  /** How long the rest of an arrow's sequence may take after its ESC. */
  private static final long SEQUENCE_MILLIS = 50;

  /** How often somebody who waits for a key looks whether there are to be any. */
  private static final long LOOK_MILLIS = 100;

  private static final int ESCAPE = 27;

  private final Terminal terminal;
  private final Attributes before;
  private final boolean coloured;
  private List<ScreenLine> drawn = List.of();
  private Size size;
  private volatile boolean closing;

  private TopScreen(Terminal terminal, boolean coloured) {
    this.terminal = terminal;
    this.coloured = coloured;
    before = terminal.getAttributes();
    Attributes raw = new Attributes(before);
    raw.setLocalFlag(Attributes.LocalFlag.ICANON, false);
    raw.setLocalFlag(Attributes.LocalFlag.ECHO, false);
    raw.setLocalFlag(Attributes.LocalFlag.IEXTEN, false);
    raw.setInputFlag(Attributes.InputFlag.ICRNL, false);
    raw.setInputFlag(Attributes.InputFlag.IXON, false);
    raw.setControlChar(Attributes.ControlChar.VMIN, 0);
    raw.setControlChar(Attributes.ControlChar.VTIME, 1);
    // A stopped process could not leave the screen, and one that dumps its threads would spoil it.
    raw.setControlChar(Attributes.ControlChar.VSUSP, 0);
    raw.setControlChar(Attributes.ControlChar.VQUIT, 0);
    terminal.setAttributes(raw);
    terminal.puts(Capability.enter_ca_mode);
    terminal.puts(Capability.cursor_invisible);
    terminal.flush();
    size = sizeOf(terminal);
  }

  /**
   * Takes the terminal that this process has.
   *
   * @throws IOException if it has none
   */
  static TopScreen open(boolean coloured) throws IOException {
    try {
      Terminal terminal =
          TerminalBuilder.builder()
              .system(true)
              .provider(TerminalBuilder.PROP_PROVIDER_EXEC)
              .dumb(false)
              .encoding(UTF_8)
              .graphemeCluster(false) // or it asks the terminal, and waits for the answer
              .nativeSignals(false)
              .build();
      return new TopScreen(terminal, coloured);
    } catch (IllegalStateException e) {
      throw new IOException("no keys can be read from it", e);
    }
  }

  int width() {
    return size.getColumns();
  }

  int height() {
    return size.getRows();
  }

  /** Learns the terminal's size anew, and draws everything the next time. */
  void measure() {
    size = sizeOf(terminal);
    drawn = List.of();
    terminal.puts(Capability.clear_screen);
  }

  private static Size sizeOf(Terminal terminal) {
    Size size = terminal.getSize();
    return size.getColumns() > 0 && size.getRows() > 0 ? size : Size.of(80, 24);
  }

  /** Draws lines, as many as there are on the screen; of those that are the same nothing. */
  void draw(List<ScreenLine> lines) {
    for (int row = 0; row < lines.size(); row++) {
      if (row >= drawn.size() || !lines.get(row).equals(drawn.get(row))) {
        terminal.puts(Capability.cursor_address, row, 0);
        terminal.writer().write(styled(lines.get(row)).toAnsi(terminal));
        terminal.puts(Capability.clr_eol);
      }
    }
    drawn = List.copyOf(lines);
    terminal.flush();
  }

  private AttributedString styled(ScreenLine line) {
    AttributedStyle style =
        switch (line.style()) {
          case PLAIN -> AttributedStyle.DEFAULT;
          case HEADER -> AttributedStyle.DEFAULT.bold();
          case SELECTED -> AttributedStyle.DEFAULT.inverse();
          case ALERT -> AttributedStyle.DEFAULT.foreground(AttributedStyle.RED);
        };
    return new AttributedString(line.text(), coloured ? style : AttributedStyle.DEFAULT);
  }

  /** The next key; empty when the terminal is gone, or there are to be no more. */
  Optional<Key> key() throws IOException {
    NonBlockingReader keys = terminal.reader();
    int c = NonBlockingReader.READ_EXPIRED;
    while (c == NonBlockingReader.READ_EXPIRED && !closing) {
      c = keys.read(LOOK_MILLIS);
    }
    if (c < 0) {
      return Optional.empty();
    }
    return Optional.of(c == ESCAPE ? sequence(keys) : new Key.Typed(c));
  }

  private static Key sequence(NonBlockingReader keys) throws IOException {
    int next = keys.read(SEQUENCE_MILLIS);
    if (next != '[' && next != 'O') {
      return new Key.Typed(ESCAPE);
    }
    int last = keys.read(SEQUENCE_MILLIS);
    int digit = last;
    while ((last >= '0' && last <= '9') || last == ';') {
      last = keys.read(SEQUENCE_MILLIS);
    }
    return switch (last) {
      case 'A' -> Key.Special.UP;
      case 'B' -> Key.Special.DOWN;
      case '~' ->
          switch (digit) {
            case '5' -> Key.Special.PAGE_UP;
            case '6' -> Key.Special.PAGE_DOWN;
            default -> Key.Special.OTHER;
          };
      default -> Key.Special.OTHER;
    };
  }

  /** Ends {@link #key}; a terminal that somebody reads from cannot be closed. */
  void noMoreKeys() {
    closing = true;
  }

  @Override
  public void close() throws IOException {
    terminal.puts(Capability.cursor_normal);
    terminal.puts(Capability.exit_ca_mode);
    terminal.flush();
    terminal.setAttributes(before);
    terminal.close();
  }
}
