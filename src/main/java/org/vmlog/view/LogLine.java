package org.vmlog.view;

import org.vmlog.logs.LogName;
import org.vmlog.record.LineView;

/** A line, and whose it is. Its bytes are its own. Immutable. */
public record LogLine(LogName log, LineView line) {}
