package org.vmlog.web;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.vmlog.logs.LogName;
import org.vmlog.view.Cursor;
import org.vmlog.view.query.LineFilter;
import org.vmlog.view.query.SeverityRange;
import org.vmlog.view.query.TextMatch;

/**
 * Which lines a page asks for. Immutable.
 *
 * @param vms as {@link LogName#shown} has them; all, if it is empty
 * @param after where the page got to before it lost its stream
 */
record StreamQuery(LineFilter filter, Set<String> vms, Optional<Cursor> after) {

  /**
   * Of a request: {@code level}, {@code text}, {@code regex} and any number of {@code vm}.
   *
   * @throws IllegalArgumentException that says what is wrong
   */
  static StreamQuery of(HttpRequest request) {
    String level = request.parameter("level");
    String text = request.parameter("text");
    String after = request.field("last-event-id");
    LineFilter filter =
        new LineFilter(
            level.isEmpty() ? SeverityRange.ALL : SeverityRange.parse(level),
            Optional.empty(),
            Optional.empty(),
            Set.of(),
            Set.of(),
            text.isEmpty() ? Optional.empty() : Optional.of(match(request, text)),
            false);
    return new StreamQuery(
        filter,
        Set.copyOf(request.query().getOrDefault("vm", List.of())),
        after.isEmpty() ? Optional.empty() : Optional.of(Cursor.parse(after)));
  }

  private static TextMatch match(HttpRequest request, String text) {
    return request.parameter("regex").isEmpty()
        ? TextMatch.plain(text, true)
        : TextMatch.regex(text, true);
  }

  boolean isMeant(LogName log) {
    return vms.isEmpty() || vms.contains(log.shown());
  }
}
