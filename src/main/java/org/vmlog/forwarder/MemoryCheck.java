package org.vmlog.forwarder;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.vmlog.config.ForwarderConfig;
import org.vmlog.wire.ConnectionMemory;

/**
 * Holds limits that an administrator raises against the memory that the JVM has: the two are set in
 * different places, and with too little of it a guest could bring the process to its end. Stateless.
 */
final class MemoryCheck {
  private static final Logger LOG = LoggerFactory.getLogger(MemoryCheck.class);

  /** Two of the largest requests may gather at least, and half of the heap is for other things. */
  private static final int HEAP_FOR_REQUEST = 4;

  /** Two fifths are for connections, and two for what gathers of their requests. */
  private static final int DIRECT_FOR_PIPES = 5;

  private MemoryCheck() {}

  static void warn(ForwarderConfig.Limits limits) {
    long heap = Runtime.getRuntime().maxMemory();
    if (heap / HEAP_FOR_REQUEST < limits.maxRequestBytes()) {
      LOG.warn(
          "limits.max_request is {} bytes, and the JVM's heap is {}: a guest can end the forwarder;"
              + " have VMLOG_JAVA_OPTS set -Xmx to {} times max_request",
          limits.maxRequestBytes(),
          heap,
          HEAP_FOR_REQUEST);
    }
    long direct = ConnectionMemory.maxDirectBytes();
    if (direct / DIRECT_FOR_PIPES < limits.pipesTotalBytes()) {
      LOG.warn(
          "limits.pipes_total is {} bytes, and the JVM's direct memory is {}: a guest can end the"
              + " forwarder; have VMLOG_JAVA_OPTS set -XX:MaxDirectMemorySize to {} times"
              + " pipes_total",
          limits.pipesTotalBytes(),
          direct,
          DIRECT_FOR_PIPES);
    }
  }
}
