package org.vmlog.view;

import org.vmlog.record.FileLine;

/** A line, and whose it is. Its bytes are its own. Immutable. */
public record LogLine(LogName log, FileLine line) {}
