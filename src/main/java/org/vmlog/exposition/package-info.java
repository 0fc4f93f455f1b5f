/**
 * What the daemon shows of itself to a monitoring system: Prometheus' text format over HTTP. One
 * thread, which asks the rest of the daemon for its numbers when it is asked for them.
 */
@NullMarked
package org.vmlog.exposition;

import org.jspecify.annotations.NullMarked;
