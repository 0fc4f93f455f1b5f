/**
 * Pure functions on bytes: walk a LogRequest, scrub, render a line, parse a syslog line.
 *
 * <p>Nothing here does I/O, allocates for each record, or knows where a record came from beyond the
 * {@link org.vmlog.record.SourceLabel} it is given. Classes that hold state are confined to one
 * thread; each says so.
 */
@NullMarked
package org.vmlog.record;

import org.jspecify.annotations.NullMarked;
