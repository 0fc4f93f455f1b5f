package org.vmlog.route;

import org.jspecify.annotations.Nullable;
import org.vmlog.record.SourceLabel;

/**
 * Where the lines of one source go. Immutable, but for what its pipes carry.
 *
 * @param key what it was opened under
 * @param label how the source is named in its lines
 * @param style what its lines look like
 * @param pipe takes them
 * @param copyStyle what they look like on the local syslog's socket
 * @param copy takes them once more for the local syslog, as well as it can; null when nobody asked
 * @param statistics what the source has sent, by this route and those before it
 */
public record Route(
    Object key,
    SourceLabel label,
    LineStyle style,
    LogPipe pipe,
    LineStyle copyStyle,
    @Nullable LogPipe copy,
    SourceStatistics statistics) {}
