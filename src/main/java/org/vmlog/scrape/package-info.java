/**
 * Asks a running forwarder for its own numbers, from another process: those that it shows to
 * Prometheus. Whoever calls waits, for a few seconds at most.
 */
@NullMarked
package org.vmlog.scrape;

import org.jspecify.annotations.NullMarked;
