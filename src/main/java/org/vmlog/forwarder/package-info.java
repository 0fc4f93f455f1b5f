/**
 * Puts the host daemon together: {@link org.vmlog.forwarder.ForwarderDaemon} opens every part in
 * order and closes them in the reverse.
 */
@NullMarked
package org.vmlog.forwarder;

import org.jspecify.annotations.NullMarked;
