/**
 * Shipping to a syslog server by TLS. {@code vmlog-syslog} connects and writes; {@code
 * vmlog-syslog-watch} sees to it that neither hangs for ever.
 */
@NullMarked
package org.vmlog.ship.syslog;

import org.jspecify.annotations.NullMarked;
