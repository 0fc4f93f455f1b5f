package org.vmlog.sink;

import java.time.Duration;

/**
 * When a VM's file is rotated and what is kept of it.
 *
 * @param maxSizeBytes rotate before a write that would take the file past this size
 * @param maxAge rotate a file that was begun this long ago
 * @param keep how many rotated files stay, {@code .log.1} to {@code .log.keep}; 0 keeps none
 * @param compress whether rotated files from {@code .log.2} on are gzipped
 */
public record RotationPolicy(long maxSizeBytes, Duration maxAge, int keep, boolean compress) {}
