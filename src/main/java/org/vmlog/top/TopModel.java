package org.vmlog.top;

import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.vmlog.logs.LogName;
import org.vmlog.platform.Amount;
import org.vmlog.top.ScreenLine.Style;

/** What is on the screen, and what keys do to it. Knows no terminal. Confined to one thread. */
final class TopModel {
  private static final String HELP =
      "q quit  / filter  sort: n r b d u l  c command  Enter the VM's  arrows";

  /** Summary, what is shown, header; and a line for help or typing below. */
  private static final int LINES_AROUND = 4;

  private static final int ENTER = '\r';
  private static final int ESCAPE = 27;
  private static final int DELETE = 127;

  private final InstantSource clock;
  private final Set<String> commands = new LinkedHashSet<>();
  private TopView view;
  private Optional<Snapshot> snapshot = Optional.empty();
  private List<Row> all = List.of();
  private String failure = "";
  private String message = "";
  private @Nullable String typing;
  private @Nullable LogName selected;
  private int firstShown;
  private int pageRows = 1;
  private boolean over;

  TopModel(TopView view, InstantSource clock) {
    this.view = view;
    this.clock = clock;
  }

  /** Takes what was counted. */
  void update(Snapshot now) {
    all = Row.between(snapshot, now);
    snapshot = Optional.of(now);
    failure = "";
  }

  /** Takes why nothing could be learnt; what was known goes on to be shown. */
  void fail(String why) {
    failure = why;
  }

  /** Whether a key has ended it. */
  boolean isOver() {
    return over;
  }

  /** What was shown as equivalent to this view, in its order. */
  List<String> commands() {
    return List.copyOf(commands);
  }

  void press(Key key) {
    message = "";
    if (typing != null) {
      type(key);
    } else if (key instanceof Key.Typed typed) {
      command(typed.codePoint());
    } else {
      switch ((Key.Special) key) {
        case UP -> move(-1);
        case DOWN -> move(1);
        case PAGE_UP -> move(-pageRows);
        case PAGE_DOWN -> move(pageRows);
        case OTHER -> {}
      }
    }
  }

  private void command(int key) {
    switch (key) {
      case 'q' -> over = true;
      case '/' -> typing = view.typedGlobs();
      case 'c' -> show(view.command());
      case 'k' -> move(-1);
      case 'j' -> move(1);
      case ENTER, '\n' -> selectedName().ifPresent(name -> show(TopView.statusCommand(name)));
      case ESCAPE -> view = view.withGlobs("");
      default -> {
        if (key < 128) {
          Order.of((char) key).ifPresent(order -> view = view.sortedBy(order));
        }
      }
    }
  }

  private void type(Key key) {
    String text = String.valueOf(typing);
    if (key instanceof Key.Typed typed) {
      switch (typed.codePoint()) {
        case ENTER, '\n' -> {
          view = view.withGlobs(text);
          typing = null;
        }
        case ESCAPE -> typing = null;
        case DELETE, '\b' ->
            typing =
                text.isEmpty()
                    ? text
                    : text.substring(0, text.offsetByCodePoints(text.length(), -1));
        default ->
            typing =
                Character.isISOControl(typed.codePoint())
                    ? text
                    : text + Character.toString(typed.codePoint());
      }
    }
  }

  private void show(String command) {
    message = command;
    commands.add(command);
  }

  private Optional<LogName> selectedName() {
    List<Row> rows = rows();
    return rows.isEmpty() ? Optional.empty() : Optional.of(rows.get(selectedAt(rows)).name());
  }

  private void move(int by) {
    List<Row> rows = rows();
    if (!rows.isEmpty()) {
      int to = Math.max(0, Math.min(rows.size() - 1, selectedAt(rows) + by));
      selected = rows.get(to).name();
    }
  }

  /** The first, if the one that was selected is gone. */
  private int selectedAt(List<Row> rows) {
    for (int i = 0; i < rows.size(); i++) {
      if (rows.get(i).name().equals(selected)) {
        return i;
      }
    }
    return 0;
  }

  private List<Row> rows() {
    return view.rows(all);
  }

  /** The whole screen, as many lines as it has. */
  List<ScreenLine> screen(int width, int height) {
    List<Row> rows = rows();
    pageRows = Math.max(1, height - LINES_AROUND);
    int at = selectedAt(rows);
    firstShown = Math.max(0, Math.min(firstShown, rows.size() - pageRows));
    firstShown = Math.max(Math.min(firstShown, at), at - pageRows + 1);
    List<Row> shown = rows.subList(firstShown, Math.min(rows.size(), firstShown + pageRows));
    TopTable table = new TopTable(clock.instant(), snapshot.map(Snapshot::perLog).orElse(0L));
    List<ScreenLine> lines = new ArrayList<>();
    lines.add(new ScreenLine(summary(rows), Style.PLAIN));
    lines.add(
        failure.isEmpty()
            ? new ScreenLine(view.description(), Style.PLAIN)
            : new ScreenLine(failure, Style.ALERT));
    lines.add(new ScreenLine("  " + table.header(rows), Style.HEADER));
    List<String> texts = table.lines(shown);
    for (int i = 0; i < shown.size(); i++) {
      boolean isSelected = firstShown + i == at;
      Style style = shown.get(i).droppedNow().isEmpty() ? Style.PLAIN : Style.ALERT;
      lines.add(
          new ScreenLine(
              (isSelected ? "> " : "  ") + texts.get(i), isSelected ? Style.SELECTED : style));
    }
    while (lines.size() < height - 1) {
      lines.add(new ScreenLine("", Style.PLAIN));
    }
    lines.add(new ScreenLine(lastLine(), Style.PLAIN));
    return lines.stream()
        .limit(height)
        .map(line -> new ScreenLine(Cells.cut(line.text(), width), line.style()))
        .toList();
  }

  private String summary(List<Row> rows) {
    double records = rows.stream().mapToDouble(Row::recordsPerSecond).sum();
    double bytes = rows.stream().mapToDouble(Row::bytesPerSecond).sum();
    String disk =
        snapshot
            .map(
                now ->
                    "   disk %s of %s"
                        .formatted(Amount.bytes(now.usedBytes()), Amount.bytes(now.capacity())))
            .orElse("");
    return "vmlog top   %s of %s sources   %s records/s   %s/s%s"
        .formatted(
            rows.size(), all.size(), TopTable.rate(records), Amount.bytes((long) bytes), disk);
  }

  private String lastLine() {
    if (typing != null) {
      return "filter: " + typing + "_";
    }
    return message.isEmpty() ? HELP : message;
  }
}
