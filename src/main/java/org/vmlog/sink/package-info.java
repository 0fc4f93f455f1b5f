/**
 * Where lines end up: per-VM files with rotation, and the local syslog's socket.
 *
 * <p>A {@link org.vmlog.sink.LineSink} is confined to its pipe's writer; compression is one
 * background task.
 */
@NullMarked
package org.vmlog.sink;

import org.jspecify.annotations.NullMarked;
