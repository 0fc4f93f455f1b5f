/**
 * Measures the forwarder as it is shipped: {@link org.vmlog.bench.Bench} starts it as a process of
 * its own, has a second process play the guests, and prints one table.
 */
package org.vmlog.bench;
