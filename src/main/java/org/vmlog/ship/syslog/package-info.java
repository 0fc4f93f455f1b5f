/**
 * Shipping to a syslog server by TLS. {@code vmlog-syslog} connects and writes; it is the only
 * thread here.
 */
@NullMarked
package org.vmlog.ship.syslog;

import org.jspecify.annotations.NullMarked;
