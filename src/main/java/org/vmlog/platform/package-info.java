/**
 * What Java lacks on Linux: sd_notify, datagram sockets on paths, opening files safely, signals,
 * the daemon's own log.
 *
 * <p>The only package that sees junixsocket, but for the transport of {@code bus}.
 */
@NullMarked
package org.vmlog.platform;

import org.jspecify.annotations.NullMarked;
