package org.vmlog.route;

import java.time.ZoneId;
import org.vmlog.record.LineFormat;
import org.vmlog.record.LineRenderer;
import org.vmlog.record.ScrubMode;

/**
 * How lines look in one kind of place. Renderers keep state, so every thread makes its own.
 *
 * @param maxSeverity RFC 5424 number; {@link LineFormat#SYSLOG} sends nothing as more urgent
 */
public record LineStyle(LineFormat format, ScrubMode scrub, ZoneId zone, int maxSeverity) {

  /** The same style with lines of another format; this one if it is so. */
  LineStyle as(LineFormat other) {
    return format == other ? this : new LineStyle(other, scrub, zone, maxSeverity);
  }

  /** A renderer for one thread. */
  public LineRenderer newRenderer() {
    return new LineRenderer(format, scrub, zone, maxSeverity);
  }
}
