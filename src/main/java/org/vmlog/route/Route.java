package org.vmlog.route;

import java.util.List;
import org.vmlog.record.SourceLabel;

/**
 * Where the lines of one source go. Immutable, but for what its pipes carry.
 *
 * @param key what it was opened under
 * @param label how the source is named in its lines
 * @param style what its lines look like
 * @param pipe takes them
 * @param copies take them once more; at most one of each target
 * @param statistics what the source has sent, by this route and those before it
 */
public record Route(
    Object key,
    SourceLabel label,
    LineStyle style,
    LogPipe pipe,
    List<RouteCopy> copies,
    SourceStatistics statistics) {
  public Route {
    copies = List.copyOf(copies);
  }
}
