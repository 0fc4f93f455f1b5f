package org.vmlog.top;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.vmlog.logs.LogName;
import org.vmlog.platform.OneLine;
import org.vmlog.view.query.LogSelection;

/**
 * Which rows are shown, in which order. Immutable.
 *
 * @param globs as {@link LogSelection} has them
 */
public record TopView(Order order, boolean reversed, List<String> globs) {
  public TopView {
    globs = List.copyOf(globs);
  }

  /** The same order once more is turned round. */
  TopView sortedBy(Order next) {
    return new TopView(next, next == order && !reversed, globs);
  }

  /** With globs as they were typed, with spaces between them. */
  TopView withGlobs(String typed) {
    return new TopView(
        order,
        reversed,
        Arrays.stream(typed.split(" ", -1)).filter(glob -> !glob.isEmpty()).toList());
  }

  String typedGlobs() {
    return String.join(" ", globs);
  }

  /** Those that are meant, sorted. */
  List<Row> rows(List<Row> all) {
    LogSelection selection = new LogSelection(globs);
    return all.stream()
        .filter(row -> selection.matches(row.name().owner(), row.name().name()))
        .sorted(order.comparator(reversed))
        .toList();
  }

  /** What there is to see, in a line. */
  String description() {
    return "by %s%s%s"
        .formatted(
            order.word(),
            reversed ? ", the least first" : "",
            globs.isEmpty() ? "" : "   only " + OneLine.of(typedGlobs()));
  }

  /** What to type for the same view. */
  String command() {
    List<String> words = new ArrayList<>(List.of("vmlog", "top", "--sort=" + order.word()));
    if (reversed) {
      words.add("--reverse");
    }
    globs.forEach(glob -> words.add(quoted(glob)));
    return String.join(" ", words);
  }

  /** What to type for all that is known of a source. */
  static String statusCommand(LogName name) {
    return name.owner().equals("@unknown")
        ? "vmlog vm start OWNER/NAME --cid=" + name.name()
        : "vmlog status " + quoted(name.toString());
  }

  /** For a shell, and harmless on a terminal: what is not can only be typed otherwise. */
  private static String quoted(String word) {
    return word.matches("[A-Za-z0-9@%+=:,./_-]+")
        ? word
        : "'" + OneLine.of(word).replace("'", "'\\''") + "'";
  }
}
