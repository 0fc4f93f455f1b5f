package org.vmlog.record;

/**
 * Takes apart what {@link LineRenderer} puts together: lines of a VM's file in any of its formats.
 * Each line says by its first bytes which that is, so a file may hold several. A line of none of
 * them is all content, at the time of the line before.
 *
 * <p>Confined to one thread.
 */
public final class LineParser {
  private static final int USER_NOTICE = 13;
  private static final int MICROS = 1_000_000;

  private final YearRecovery years;
  private final BsdTimestamp bsd;
  private final Rfc3339Timestamp rfc3339 = new Rfc3339Timestamp();
  private final LineView line = new LineView();

  /** A parser of one file's lines, or of such as come after each other. */
  public LineParser(YearRecovery years) {
    this.years = years;
    this.bsd = new BsdTimestamp(years.zone());
    line.micros = years.latest() * MICROS;
  }

  /** The line in {@code [from, to)}; what it was called with before is no more. */
  public LineView parse(byte[] bytes, int from, int to) {
    line.bytes = bytes;
    line.from = from;
    line.to = to;
    line.timed = false;
    line.priority = USER_NOTICE;
    line.cid = LineView.NONE;
    line.tagFrom = from;
    line.tagTo = from;
    int afterPriority = Priority.end(bytes, from, to);
    int content =
        afterPriority == from
            ? chromeos(bytes, from, to)
            : afterHead(bytes, from, afterPriority, to);
    line.contentFrom = content;
    if (line.tagTo == line.tagFrom) {
      tag(bytes, content, to);
    } else {
      line.bodyFrom = content;
    }
    return line;
  }

  /** {@code <PRI>1 …} or {@code <PRI>Mmm dd hh:mm:ss HOST CONTENT}; answers where content is. */
  private int afterHead(byte[] bytes, int from, int afterPriority, int to) {
    if (afterPriority + 1 < to && bytes[afterPriority] == '1' && bytes[afterPriority + 1] == ' ') {
      int content = rfc5424(bytes, afterPriority + 2, to);
      if (content >= 0) {
        line.priority = Digits.value(bytes, from + 1, afterPriority - 1);
        return content;
      }
      line.tagTo = line.tagFrom;
      return from;
    }
    int afterTime = bsd.parseFields(bytes, afterPriority, to);
    if (afterTime == afterPriority || afterTime == to || bytes[afterTime] != ' ') {
      return from;
    }
    line.priority = Digits.value(bytes, from + 1, afterPriority - 1);
    year();
    int host = wordEnd(bytes, afterTime + 1, to);
    return Math.min(host + 1, to);
  }

  /** {@code Mmm dd hh:mm:ss <PRI> VM(CID): CONTENT}, with two spaces after the priority. */
  private int chromeos(byte[] bytes, int from, int to) {
    int afterTime = bsd.parseFields(bytes, from, to);
    if (afterTime == from || afterTime == to || bytes[afterTime] != ' ') {
      return from;
    }
    int afterPriority = Priority.end(bytes, afterTime + 1, to);
    if (afterPriority == afterTime + 1
        || to - afterPriority < 2
        || bytes[afterPriority] != ' '
        || bytes[afterPriority + 1] != ' ') {
      return from;
    }
    line.priority = Digits.value(bytes, afterTime + 2, afterPriority - 1);
    year();
    int label = afterPriority + 2;
    int word = wordEnd(bytes, label, to);
    cidOfLabel(bytes, label, word);
    int content = Math.min(word + 1, to);
    // The reference keeps the space that stands before a guest's tag.
    return content < to && bytes[content] == ' ' ? content + 1 : content;
  }

  private void cidOfLabel(byte[] bytes, int from, int to) {
    int digits = from + "VM(".length();
    int end = Math.min(to, digits + 18);
    if (digits < to && bytes[from] == 'V' && bytes[from + 1] == 'M' && bytes[from + 2] == '(') {
      int close = Digits.end(bytes, digits, end);
      line.cid = close > digits ? Digits.longValue(bytes, digits, close) : LineView.NONE;
    }
  }

  /** After {@code <PRI>1 }: where MSG begins, or -1 if that is no line of RFC 5424. */
  private int rfc5424(byte[] bytes, int from, int to) {
    int time = wordEnd(bytes, from, to);
    if (time == to || rfc3339.parse(bytes, from, time) != time) {
      return LineView.NONE;
    }
    int host = wordEnd(bytes, time + 1, to);
    int app = wordEnd(bytes, host + 1, to);
    int process = wordEnd(bytes, app + 1, to);
    int message = wordEnd(bytes, process + 1, to);
    if (message >= to) {
      return LineView.NONE;
    }
    int data = structuredDataEnd(bytes, message + 1, to);
    if (data < 0) {
      return LineView.NONE;
    }
    line.micros = rfc3339.seconds() * MICROS + rfc3339.nanos() / 1000;
    line.timed = true;
    line.pidFrom = app + 1;
    line.pidTo = isNil(bytes, app + 1, process) ? line.pidFrom : process;
    if (!isNil(bytes, host + 1, app)) {
      line.tagFrom = host + 1;
      line.tagTo = app;
    }
    return data < to ? data + 1 : to;
  }

  /** Past {@code -} or {@code [id name="value" …]…}; -1 if it is neither. */
  private int structuredDataEnd(byte[] bytes, int from, int to) {
    if (from < to && bytes[from] == '-') {
      return from + 1;
    }
    int at = from;
    while (at >= 0 && at < to && bytes[at] == '[') {
      at = elementEnd(bytes, at + 1, to);
    }
    return at > from ? at : LineView.NONE;
  }

  private int elementEnd(byte[] bytes, int from, int to) {
    boolean quoted = false;
    for (int at = from; at < to; at++) {
      if (bytes[at] == '"') {
        quoted = !quoted;
        if (quoted) {
          cidOfValue(bytes, at, to);
        }
      } else if (bytes[at] == '\\' && quoted) {
        at++;
      } else if (bytes[at] == ']' && !quoted) {
        return at + 1;
      }
    }
    return LineView.NONE;
  }

  private void cidOfValue(byte[] bytes, int quote, int to) {
    if (bytes[quote - 5] == ' '
        && bytes[quote - 4] == 'c'
        && bytes[quote - 3] == 'i'
        && bytes[quote - 2] == 'd') {
      int close = Digits.end(bytes, quote + 1, Math.min(to, quote + 19));
      line.cid = close > quote + 1 ? Digits.longValue(bytes, quote + 1, close) : LineView.NONE;
    }
  }

  /** {@code tag: } or {@code tag[pid]: }, of whatever a guest's programs begin lines with. */
  private void tag(byte[] bytes, int from, int to) {
    int tagTo = from;
    while (tagTo < to && isTagByte(bytes[tagTo])) {
      tagTo++;
    }
    int after = tagTo;
    int pidFrom = tagTo;
    int pidTo = tagTo;
    if (after < to && bytes[after] == '[') {
      pidFrom = after + 1;
      pidTo = Digits.end(bytes, pidFrom, to);
      after = pidTo > pidFrom && pidTo < to && bytes[pidTo] == ']' ? pidTo + 1 : to;
    }
    boolean tagged = tagTo > from && after < to && bytes[after] == ':';
    line.tagFrom = from;
    line.tagTo = tagged ? tagTo : from;
    line.pidFrom = tagged ? pidFrom : from;
    line.pidTo = tagged ? pidTo : from;
    int body = after + 1;
    if (!tagged) {
      line.bodyFrom = from;
    } else {
      line.bodyFrom = body < to && bytes[body] == ' ' ? body + 1 : body;
    }
  }

  private void year() {
    line.micros = years.seconds(bsd) * MICROS;
    line.timed = true;
  }

  private static boolean isTagByte(byte b) {
    return b != ' ' && b != ':' && b != '[' && b != ']' && b != '\t';
  }

  private static boolean isNil(byte[] bytes, int from, int to) {
    return to - from == 1 && bytes[from] == '-';
  }

  private static int wordEnd(byte[] bytes, int from, int to) {
    int at = from;
    while (at < to && bytes[at] != ' ') {
      at++;
    }
    return at;
  }
}
