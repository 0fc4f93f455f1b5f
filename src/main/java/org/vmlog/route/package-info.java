/**
 * From a source's identity to its pipe: one bounded {@link org.vmlog.route.LogPipe} a source,
 * drained by a small pool of writers.
 *
 * <p>Besides the wiring in {@code cli}, the only package with threads of its own.
 */
@NullMarked
package org.vmlog.route;

import org.jspecify.annotations.NullMarked;
