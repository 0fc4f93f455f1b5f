package org.vmlog.web;

import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.vmlog.logs.LogName;
import org.vmlog.platform.Json;
import org.vmlog.platform.OneLine;
import org.vmlog.record.Channel;
import org.vmlog.record.LineView;
import org.vmlog.view.render.Times;
import org.vmlog.view.render.VmColour;

/**
 * Writes items as server-sent events (HTML, section 9.2). Each event's data is a JSON array of
 * items, and an item is an array that begins with a letter:
 *
 * <ul>
 *   <li>{@code ["h", resumed]}: the stream begins
 *   <li>{@code ["v", vm, name, colour]}: what number stands for a log from now on
 *   <li>{@code ["l", vm, time, severity, channel, content, bytes]}: a line; the last is its length
 *       if it is cut, and else 0
 *   <li>{@code ["c", vm, what]}: something has happened to a log
 *   <li>{@code ["d", lines]}: so many lines are left out here
 *   <li>{@code ["r", [vm, lines, severe, drops], …]}: what has come
 *   <li>{@code ["f", why]}: the stream ends
 * </ul>
 *
 * <p>Nothing in it acts on a reader, not by reordering text either: it is escaped as for a
 * terminal. Confined to one thread.
 */
final class StreamText {
  /** Of one line's content, in characters as they are shown. */
  static final int MAX_SHOWN = 16 * 1024;

  private final Times times;
  private final Map<LogName, Integer> numbers = new HashMap<>();

  StreamText(ZoneId zone) {
    this.times = new Times(zone);
  }

  /** One event of all these, with an id if they say how far has been read. */
  String event(List<StreamItem> items) {
    List<Object> data = new ArrayList<>();
    String id = "";
    for (StreamItem item : items) {
      if (item instanceof StreamItem.Reached reached) {
        // What comes behind it in this event would come again; so it is the last.
        id = "id: " + reached.cursor() + "\n";
      } else {
        add(data, item);
      }
    }
    return id + "data: " + Json.of(data) + "\n\n";
  }

  private void add(List<Object> data, StreamItem item) {
    if (item instanceof StreamItem.Hello hello) {
      data.add(List.of("h", hello.resumed()));
    } else if (item instanceof StreamItem.Known known) {
      int unused = number(known.log(), data);
    } else if (item instanceof StreamItem.Line line) {
      data.add(line(line, number(line.line().log(), data)));
    } else if (item instanceof StreamItem.Changed changed) {
      data.add(List.of("c", number(changed.log(), data), changed.change().toString()));
    } else if (item instanceof StreamItem.LeftOut leftOut) {
      data.add(List.of("d", leftOut.lines()));
    } else if (item instanceof StreamItem.Rates rates) {
      data.add(rates(rates, data));
    } else if (item instanceof StreamItem.Failed failed) {
      data.add(List.of("f", OneLine.of(failed.why())));
    }
  }

  private int number(LogName log, List<Object> data) {
    Integer known = numbers.get(log);
    if (known != null) {
      return known;
    }
    int number = numbers.size();
    numbers.put(log, number);
    String shown = log.shown();
    data.add(List.of("v", number, shown, VmColour.of(shown)));
    return number;
  }

  private List<Object> line(StreamItem.Line line, int vm) {
    LineView parts = line.line().line();
    Channel channel = parts.channel();
    String content = parts.content();
    boolean cut = content.length() > MAX_SHOWN;
    return List.of(
        "l",
        vm,
        times.shortly(parts.micros()),
        parts.severity(),
        channel == null ? "" : channel.name().toLowerCase(Locale.ROOT),
        OneLine.of(cut ? beginning(content) : content),
        cut ? line.length() : 0);
  }

  private static String beginning(String content) {
    int end = Character.isHighSurrogate(content.charAt(MAX_SHOWN - 1)) ? MAX_SHOWN - 1 : MAX_SHOWN;
    return content.substring(0, end);
  }

  private List<Object> rates(StreamItem.Rates rates, List<Object> data) {
    List<Object> all = new ArrayList<>();
    all.add("r");
    rates
        .rates()
        .forEach(
            (log, rate) ->
                all.add(List.of(number(log, data), rate.lines(), rate.severe(), rate.drops())));
    return all;
  }
}
