/**
 * gRPC over vsock, Unix and TCP sockets: one server behind many doors, and the bytes of a request.
 *
 * <p>The only package that sees io.grpc and netty. Everything here runs on the event loops and
 * never blocks them; what a loop's thread does besides, and may hang in, another thread makes up
 * for.
 */
@NullMarked
package org.vmlog.wire;

import org.jspecify.annotations.NullMarked;
