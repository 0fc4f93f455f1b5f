package org.vmlog.record;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The fields of one journal entry that a line is made of; systemd.journal-fields(7). They lie in an
 * array of the thread's as long as bytes of the entry are at hand, and in one of their own only
 * while more of it is still to come. Confined as its {@link JournalDecoder} is.
 */
final class JournalEntryFields {
  static final int MAX_MESSAGE_BYTES = 64 << 10;

  /** Of SYSLOG_IDENTIFIER and _COMM each. */
  private static final int MAX_TAG_BYTES = 1 << 10;

  /** Of each number; what is longer is none. */
  private static final int MAX_NUMBER_BYTES = 24;

  private static final int MAX_DIGITS = 18;
  private static final int INFO = 6;
  private static final long MICROS = 1_000_000;
  private static final byte[] NONE = {};
  private static final byte[] CUT_MARK = "#[cut]".getBytes(US_ASCII);
  private static final byte[] KERNEL = "kernel".getBytes(US_ASCII);

  /** The fields, as they are numbered. */
  @SuppressWarnings({"EnumOrdinal", "ImmutableEnumChecker"}) // of arrays that nobody else has
  private enum Field {
    MESSAGE(MAX_MESSAGE_BYTES),
    SYSLOG_IDENTIFIER(MAX_TAG_BYTES),
    _COMM(MAX_TAG_BYTES),
    SYSLOG_PID(MAX_NUMBER_BYTES),
    _PID(MAX_NUMBER_BYTES),
    PRIORITY(MAX_NUMBER_BYTES),
    SYSLOG_FACILITY(MAX_NUMBER_BYTES),
    _TRANSPORT(MAX_NUMBER_BYTES),
    _SOURCE_REALTIME_TIMESTAMP(MAX_NUMBER_BYTES),
    _SOURCE_MONOTONIC_TIMESTAMP(MAX_NUMBER_BYTES),
    __REALTIME_TIMESTAMP(MAX_NUMBER_BYTES),
    __MONOTONIC_TIMESTAMP(MAX_NUMBER_BYTES);

    final byte[] bytes = name().getBytes(US_ASCII);
    final int maxBytes;
    final int at = ordinal();

    Field(int maxBytes) {
      this.maxBytes = maxBytes;
    }
  }

  private static final int COUNT = Field.values().length;

  /** All that is ever kept of an entry. */
  private static final int MAX_KEPT_BYTES =
      Stream.of(Field.values()).mapToInt(field -> field.maxBytes).sum();

  /** The fields by the length of their names; no two names of one length begin alike. */
  private static final Field[][] BY_LENGTH = byLength();

  private static Field[][] byLength() {
    Map<Integer, List<Field>> grouped =
        Stream.of(Field.values()).collect(Collectors.groupingBy(field -> field.bytes.length));
    Field[][] table = new Field[65][];
    Arrays.setAll(table, i -> grouped.getOrDefault(i, List.of()).toArray(Field[]::new));
    return table;
  }

  /** Room for the fields of one entry, and for the content that is made of them. */
  private static final class Workspace {
    final byte[] kept = new byte[MAX_KEPT_BYTES];
    final LineBuffer content = new LineBuffer(MAX_KEPT_BYTES + 2 * CUT_MARK.length + 8);
  }

  private static final ThreadLocal<Workspace> WORKSPACE = ThreadLocal.withInitial(Workspace::new);

  private final InstantSource clock;

  /**
   * Where each field's value begins in what is kept, and its length; -1 of one that is not there.
   */
  private final int[] begins = new int[COUNT];

  private final int[] lengths = new int[COUNT];

  private byte[] kept = NONE;
  private int used;

  /** Kept from one feed to the next: the entry's own. */
  private boolean own;

  private @Nullable Field current;
  private boolean messageCut;
  private boolean shed;
  private Channel channel = Channel.USER;

  JournalEntryFields(InstantSource clock) {
    this.clock = clock;
    clear();
  }

  private void clear() {
    Arrays.fill(lengths, -1);
    used = 0;
    messageCut = false;
    shed = false;
    current = null;
  }

  /** Bytes are at hand. */
  void resume() {
    if (!own) {
      kept = WORKSPACE.get().kept;
    }
  }

  /** No more bytes are at hand. */
  void suspend() {
    if (!own) {
      own = used > 0;
      kept = own ? Arrays.copyOf(kept, used) : NONE;
    }
  }

  int heldBytes() {
    return own ? kept.length : 0;
  }

  void shed() {
    shed = true;
    own = false;
    used = 0;
    kept = NONE;
    current = null;
  }

  /** A field begins, whose name is {@code name[from, end)}. */
  void begin(byte[] name, int from, int end) {
    current = null;
    if (shed) {
      return;
    }
    for (Field field : BY_LENGTH[end - from]) {
      if (lengths[field.at] < 0
          && Arrays.equals(field.bytes, 0, field.bytes.length, name, from, end)) {
        current = field;
        begins[field.at] = used;
        lengths[field.at] = 0;
        return;
      }
    }
  }

  /** More of the field's value has come. */
  void put(byte[] bytes, int from, int end) {
    Field field = current;
    if (field == null) {
      return;
    }
    int room = field.maxBytes - lengths[field.at];
    int length = Math.min(room, end - from);
    if (own && kept.length < used + length) {
      kept = Arrays.copyOf(kept, Math.min(MAX_KEPT_BYTES, 2 * (used + length)));
    }
    System.arraycopy(bytes, from, kept, used, length);
    used += length;
    lengths[field.at] += length;
    if (end - from > room) {
      if (field == Field.MESSAGE) {
        messageCut = true;
      } else if (field.maxBytes == MAX_NUMBER_BYTES) {
        begins[field.at] = used; // so long a number is none
        lengths[field.at] = 0;
      }
      current = null;
    }
  }

  /** The field's value has ended. */
  void end() {
    current = null;
  }

  /** The entry has ended; fills the other with what it says. */
  StreamDecoder.Step finish(LogEntry into) {
    StreamDecoder.Step step = StreamDecoder.Step.LOST;
    if (!shed) {
      step = isThere(Field.MESSAGE) ? fill(into) : StreamDecoder.Step.SILENT;
    }
    if (own) {
      own = false;
      kept = WORKSPACE.get().kept;
    }
    clear();
    return step;
  }

  /** By which way it came to the guest's log. */
  Channel channel() {
    return channel;
  }

  private StreamDecoder.Step fill(LogEntry into) {
    boolean kernelRing = isText(Field._TRANSPORT, KERNEL);
    // What a program writes to /dev/kmsg has a facility of its own.
    channel = kernelRing && number(Field.SYSLOG_FACILITY) == 0 ? Channel.KERNEL : Channel.USER;
    LineBuffer content = WORKSPACE.get().content;
    content.clear();
    content.put((byte) ' ');
    if (channel == Channel.USER) {
      putTag(content);
    }
    int end = begins[Field.MESSAGE.at] + lengths[Field.MESSAGE.at];
    int begin = begins[Field.MESSAGE.at];
    content.put(kept, begin, (messageCut ? Utf8.boundary(kept, begin, end) : end) - begin);
    if (messageCut) {
      content.put(CUT_MARK);
    }
    long micros = time(kernelRing);
    Instant now = micros < 0 ? clock.instant() : Instant.EPOCH;
    long priority = number(Field.PRIORITY);
    into.set(
        priority >= 0 && priority <= 7 ? (int) priority : INFO,
        micros < 0 ? now.getEpochSecond() : micros / MICROS,
        micros < 0 ? now.getNano() : (int) (micros % MICROS) * 1000,
        content.bytes(),
        0,
        content.position());
    return messageCut ? StreamDecoder.Step.CUT_RECORD : StreamDecoder.Step.RECORD;
  }

  private void putTag(LineBuffer content) {
    Field tag = isSaid(Field.SYSLOG_IDENTIFIER) ? Field.SYSLOG_IDENTIFIER : Field._COMM;
    if (!isSaid(tag)) {
      return;
    }
    put(tag, content);
    Field pid = isSaid(Field.SYSLOG_PID) ? Field.SYSLOG_PID : Field._PID;
    if (isSaid(pid)) {
      content.put((byte) '[');
      put(pid, content);
      content.put((byte) ']');
    }
    content.put((byte) ':');
    content.put((byte) ' ');
  }

  private void put(Field field, LineBuffer content) {
    content.put(kept, begins[field.at], lengths[field.at]);
  }

  /**
   * When it was logged, in microseconds since the epoch; -1 if nothing says so. What is of the
   * kernel's ring may have been read long after: then its age counts, by the clock that both times
   * are of.
   */
  private long time(boolean kernelRing) {
    long received = number(Field.__REALTIME_TIMESTAMP);
    long receivedMonotonic = number(Field.__MONOTONIC_TIMESTAMP);
    long loggedMonotonic = number(Field._SOURCE_MONOTONIC_TIMESTAMP);
    if (kernelRing && received >= 0 && receivedMonotonic >= 0 && loggedMonotonic >= 0) {
      long age = receivedMonotonic - loggedMonotonic;
      return age >= 0 && age <= received ? received - age : received;
    }
    long logged = number(Field._SOURCE_REALTIME_TIMESTAMP);
    return logged >= 0 ? logged : received;
  }

  private boolean isThere(Field field) {
    return lengths[field.at] >= 0;
  }

  private boolean isSaid(Field field) {
    return lengths[field.at] > 0;
  }

  private boolean isText(Field field, byte[] text) {
    int begin = begins[field.at];
    return isThere(field)
        && Arrays.equals(text, 0, text.length, kept, begin, begin + lengths[field.at]);
  }

  /** The field's value, if it is a number of up to 18 digits; else -1. */
  private long number(Field field) {
    int length = lengths[field.at];
    int begin = begins[field.at];
    if (length < 1
        || length > MAX_DIGITS
        || Digits.end(kept, begin, begin + length) < begin + length) {
      return -1;
    }
    return Digits.longValue(kept, begin, begin + length);
  }
}
