/**
 * Connections and sockets in: the gRPC services' meaning, each VM's own doors, and the datagram
 * sockets of the VMMs.
 *
 * <p>gRPC requests are handled on the event loop they came in on; datagrams on one thread of their
 * own. Neither waits for a disk: where one hangs in a short write, another thread takes over.
 */
@NullMarked
package org.vmlog.intake;

import org.jspecify.annotations.NullMarked;
