/**
 * From a source's identity to its pipe: one bounded {@link org.vmlog.route.LogPipe} a source,
 * drained by the event loop that has filled it, or by a small pool of writers.
 *
 * <p>The writers' threads are its own.
 */
@NullMarked
package org.vmlog.route;

import org.jspecify.annotations.NullMarked;
