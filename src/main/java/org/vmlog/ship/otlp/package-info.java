/**
 * Shipping by OTLP/gRPC. {@code vmlog-otlp} connects and finds out what is the matter; gRPC's own
 * threads take notice of answers and no more.
 */
@NullMarked
package org.vmlog.ship.otlp;

import org.jspecify.annotations.NullMarked;
