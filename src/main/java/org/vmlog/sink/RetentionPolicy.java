package org.vmlog.sink;

import java.nio.file.Path;
import java.time.Duration;

/**
 * That files stay until they are shipped. Immutable.
 *
 * @param shipperState the state folder of the vmlog-ship that reads them
 * @param limit for how long after its last line a file waits for that at most
 */
public record RetentionPolicy(Path shipperState, Duration limit) {}
