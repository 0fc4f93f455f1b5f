/** Counters that every package may use. They depend on nothing and are safe for any thread. */
@NullMarked
package org.vmlog.metrics;

import org.jspecify.annotations.NullMarked;
