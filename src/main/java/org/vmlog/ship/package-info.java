/**
 * vmlog-ship: reads the log files that the forwarder writes, and sends what is in them to an engine
 * that collects the logs of many hosts. The files are the buffer; nothing is kept twice.
 *
 * <p>One thread, {@code vmlog-ship}, reads, encodes, sends, and saves how far it got. An {@link
 * org.vmlog.ship.Engine} has threads of its own; what it acknowledges comes back by a queue.
 */
@NullMarked
package org.vmlog.ship;

import org.jspecify.annotations.NullMarked;
