/**
 * What {@code vmlog run} and {@code vmlog intercept} do: a command whose output is a component's
 * log, and a realm whose components' logs are shown.
 *
 * <p>A command has a thread for each of its two outputs and one that sends. Each waits for the
 * next: nothing is thrown away, and a log that is not taken holds the command up.
 */
@NullMarked
package org.vmlog.realm.run;

import org.jspecify.annotations.NullMarked;
