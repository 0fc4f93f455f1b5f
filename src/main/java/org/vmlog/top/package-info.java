/**
 * {@code vmlog top}: what sources send, drop and take of the disk, on a screen that is drawn again
 * and again. What is shown is worked out by values and by {@link TopModel}, which know no terminal;
 * all of them are confined to one thread. Beside it one thread waits for keys and one for the
 * forwarder's numbers.
 */
@NullMarked
package org.vmlog.top;

import org.jspecify.annotations.NullMarked;
