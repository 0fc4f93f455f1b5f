/**
 * What the forwarder remembers of VMs when it is started again: a file that is replaced as a whole
 * after each change.
 *
 * <p>Written on a thread of its own, {@code vmlog-state}: a disk that hangs keeps no VM waiting.
 */
@NullMarked
package org.vmlog.lifecycle.state;

import org.jspecify.annotations.NullMarked;
