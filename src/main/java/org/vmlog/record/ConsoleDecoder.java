package org.vmlog.record;

import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Makes records of the bytes that a machine writes to its serial or virtio console. A console is
 * made for eyes: what a terminal would not show is no part of a line.
 *
 * <ul>
 *   <li>A line ends in LF; every CR before it is dropped. After a CR anywhere else the line begins
 *       anew, if anything comes before its end: of {@code 50%\r100%} the record is {@code 100%}.
 *   <li>Escape sequences (ECMA-48: CSI, OSC up to BEL or ST, DCS and the like, {@code ESC 7}) are
 *       taken out. A newline ends none of them, as a kernel prints in the middle of what a program
 *       writes: such a sequence, and one of more than {@value #MAX_SEQUENCE_BYTES} bytes, is text.
 *   <li>systemd's moving bar, {@code [ *** ] (1 of 2) Job …}, is dropped where the terminal would
 *       go up and overwrite it ({@code ESC M}). No other line is: a kernel's may have come between.
 *   <li>A line longer than {@value #MAX_PIECE_BYTES} bytes is cut into pieces, never within a
 *       character. What has no newline yet, a prompt, is a record at the {@link #end}, which a
 *       silence is, too. What is empty is none.
 * </ul>
 *
 * <p>The time is the host's when the line began. The severity is {@code <N>}'s at a line's
 * beginning, which is taken off ({@code console_msg_format=syslog}), else 6. Whoever may write to
 * the console can write such a thing too, so it says nothing of who wrote the line.
 *
 * <p>Holds at most 12 KiB, and nothing between two lines. Confined to one thread.
 */
public final class ConsoleDecoder implements StreamDecoder {
  /** The longest record's content in bytes. */
  public static final int MAX_PIECE_BYTES = 8 << 10;

  /** The longest sequence in bytes; xterm's title may be that long. */
  static final int MAX_SEQUENCE_BYTES = 4 << 10;

  private static final int INFORMATIONAL = 6;
  private static final int FIRST_BYTES = 256;
  private static final int BAR_BYTES = "[ ***  ] ".length();
  private static final byte[] NONE = {};

  private static final byte BEL = 0x07;
  private static final byte CAN = 0x18;
  private static final byte SUB = 0x1A;
  private static final byte ESC = 0x1B;

  /** Where in a sequence the last byte was. */
  private enum State {
    TEXT,
    ESCAPE,
    /** ESC and a byte of 20 to 2F, as in {@code ESC ( B}. */
    INTERMEDIATE,
    CSI,
    OSC,
    /** DCS, SOS, PM and APC. */
    STRING,
    /** ESC within OSC or STRING, which ends it, with a backslash or without. */
    STRING_ESCAPE
  }

  private final InstantSource clock;
  private byte[] in = NONE;
  private int at;
  private int to;
  private Instant now = Instant.EPOCH;

  /** The line, and behind it, from mark on, the sequence that is not whole yet. */
  private byte[] line = NONE;

  private int length;
  private int mark;
  private State state = State.TEXT;
  private boolean afterReturn;
  private boolean barEnded;
  private Instant began = Instant.EPOCH;

  /** What was given last is still in the line, at its beginning. */
  private int given;

  private boolean ending;
  private boolean lost;

  /**
   * @param clock the host's
   */
  public ConsoleDecoder(InstantSource clock) {
    this.clock = clock;
  }

  @Override
  public void feed(byte[] bytes, int offset, int length) {
    in = bytes;
    at = offset;
    to = offset + length;
    now = clock.instant();
  }

  @Override
  public Step next(LogEntry into) {
    dropGiven();
    if (lost) {
      lost = false;
      return Step.LOST;
    }
    while (at < to) {
      int end = state == State.TEXT ? text(in[at]) : sequence(in[at]);
      if (end > 0) {
        give(end, into);
        return Step.RECORD;
      }
    }
    if (ending && length > 0) {
      give(length > MAX_PIECE_BYTES ? cut() : length, into);
      return Step.RECORD;
    }
    ending = false;
    if (length == 0) {
      line = NONE; // a thousand silent consoles are to cost nothing
    }
    return Step.MORE;
  }

  @Override
  public Channel channel() {
    return Channel.CONSOLE;
  }

  /** Has what there is of a line be a record; another may begin after it. */
  @Override
  public boolean end() {
    dropGiven();
    if (state != State.TEXT) {
      keepSequence();
    }
    barEnded = false;
    afterReturn = false;
    ending = true;
    return false;
  }

  @Override
  public boolean endsBySilence() {
    return length > given;
  }

  @Override
  public int heldBytes() {
    return length > given ? line.length : 0;
  }

  @Override
  public void shed() {
    lost |= length > given;
    state = State.TEXT;
    length = 0;
    mark = 0;
    given = 0;
    barEnded = false;
    afterReturn = false;
    line = NONE;
  }

  /**
   * Takes one byte of text, or several.
   *
   * @return how much of the line is a record now; 0 when none is
   */
  private int text(byte b) {
    if (barEnded && b != ESC) {
      barEnded = false;
      return length;
    }
    if (b == '\r') {
      at++;
      afterReturn = true;
      return 0;
    }
    if (b == '\n' || b == ESC) {
      return length > MAX_PIECE_BYTES ? cut() : control(b);
    }
    if (afterReturn || length == 0) {
      beginAnew();
    }
    if (length >= MAX_PIECE_BYTES) {
      return cut();
    }
    putAll(textEnd(Math.min(to, at + MAX_PIECE_BYTES - length)));
    return 0;
  }

  private int control(byte b) {
    if (b == ESC) {
      mark = length;
      state = State.ESCAPE;
      return taken(b);
    }
    at++;
    afterReturn = false;
    barEnded = isBar();
    return barEnded ? 0 : length;
  }

  /** Where the run of bytes ends that are text. */
  private int textEnd(int limit) {
    int end = at + 1;
    while (end < limit && in[end] != '\n' && in[end] != '\r' && in[end] != ESC) {
      end++;
    }
    return end;
  }

  private void beginAnew() {
    length = 0;
    afterReturn = false;
    began = now;
  }

  /** Takes one byte of a sequence; answers as {@link #text}. */
  private int sequence(byte b) {
    if (barEnded && state == State.ESCAPE) {
      barEnded = false;
      if (b != 'M') {
        return mark; // the sequence goes on at the beginning of the next line
      }
      mark = 0;
    }
    if (length - mark == MAX_SEQUENCE_BYTES) {
      keepSequence();
      return 0; // the byte is text
    }
    if (state == State.STRING_ESCAPE && b != '\\') {
      beginSequence(); // the string ends here, too
    }
    if (b == ESC) {
      if (state == State.OSC || state == State.STRING) {
        state = State.STRING_ESCAPE;
        return taken(b);
      }
      at++;
      beginSequence(); // the one before was none
      return 0;
    }
    State next = after(b);
    if (next == null) {
      keepSequence();
      return 0; // the byte is text
    }
    state = next;
    if (next == State.TEXT) {
      length = mark;
      at++;
      return 0;
    }
    return taken(b);
  }

  private void beginSequence() {
    state = State.ESCAPE;
    line[mark] = ESC;
    length = mark + 1;
  }

  private int taken(byte b) {
    put(b);
    at++;
    return 0;
  }

  /** The state after this byte, which is no ESC; null where it cannot be the sequence's. */
  private @Nullable State after(byte b) {
    if (b == CAN || b == SUB) {
      return State.TEXT;
    }
    return switch (state) {
      case ESCAPE -> afterEscape(b);
      case INTERMEDIATE -> isIn(b, 0x20, 0x2F) ? state : isIn(b, 0x30, 0x7E) ? State.TEXT : null;
      case CSI -> isIn(b, 0x20, 0x3F) ? state : isIn(b, 0x40, 0x7E) ? State.TEXT : null;
      case OSC -> b == BEL ? State.TEXT : b == '\n' ? null : state;
      case STRING -> b == '\n' ? null : state;
      case STRING_ESCAPE, TEXT -> State.TEXT;
    };
  }

  private static @Nullable State afterEscape(byte b) {
    return switch (b) {
      case '[' -> State.CSI;
      case ']' -> State.OSC;
      case 'P', 'X', '^', '_' -> State.STRING;
      default -> isIn(b, 0x20, 0x2F) ? State.INTERMEDIATE : isIn(b, 0x30, 0x7E) ? State.TEXT : null;
    };
  }

  private static boolean isIn(byte b, int first, int last) {
    return b >= first && b <= last;
  }

  /** What looked like a sequence is text. */
  private void keepSequence() {
    state = State.TEXT;
    while (length > mark + 1 && line[length - 1] == '\r') {
      length--;
    }
    if (afterReturn || mark == 0) {
      length -= mark;
      System.arraycopy(line, mark, line, 0, length);
      int kept = length;
      beginAnew();
      length = kept;
    }
  }

  /** {@code [ *** ] }, with three stars or, at its ends, fewer. */
  private boolean isBar() {
    if (length < BAR_BYTES || line[0] != '[' || line[BAR_BYTES - 2] != ']') {
      return false;
    }
    int stars = 0;
    for (int i = 1; i < BAR_BYTES - 2; i++) {
      if (line[i] != '*' && line[i] != ' ') {
        return false;
      }
      stars += line[i] == '*' ? 1 : 0;
    }
    return stars > 0 && line[BAR_BYTES - 1] == ' ';
  }

  /** Where the first piece ends of a line that is too long: before a character. */
  private int cut() {
    byte next = length > MAX_PIECE_BYTES ? line[MAX_PIECE_BYTES] : in[at];
    if (!isTrail(next)) {
      return MAX_PIECE_BYTES;
    }
    int lead = MAX_PIECE_BYTES - 1;
    while (lead > MAX_PIECE_BYTES - 3 && isTrail(line[lead])) {
      lead--;
    }
    return (line[lead] & 0xC0) == 0xC0 ? lead : MAX_PIECE_BYTES;
  }

  private static boolean isTrail(byte b) {
    return (b & 0xC0) == 0x80;
  }

  private void give(int end, LogEntry into) {
    int content = Priority.end(line, 0, end);
    content = content == end ? 0 : content;
    int severity = content == 0 ? INFORMATIONAL : Priority.severity(line, 0, content);
    into.set(severity, began.getEpochSecond(), began.getNano(), line, content, end - content);
    given = end;
  }

  private void dropGiven() {
    if (given > 0) {
      length -= given;
      mark -= given;
      System.arraycopy(line, given, line, 0, length);
      if (length == 0 && state == State.TEXT) {
        mark = 0;
      }
      given = 0;
    }
  }

  private void put(byte b) {
    reserve(1);
    line[length++] = b;
  }

  private void putAll(int end) {
    reserve(end - at);
    System.arraycopy(in, at, line, length, end - at);
    length += end - at;
    at = end;
  }

  private void reserve(int more) {
    if (length + more > line.length) {
      int wanted = Math.max(FIRST_BYTES, Math.max(length + more, 2 * line.length));
      line = Arrays.copyOf(line, Math.min(wanted, MAX_PIECE_BYTES + MAX_SEQUENCE_BYTES));
    }
  }
}
