package org.vmlog.forwarder;

import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.vmlog.config.ForwarderConfig;
import org.vmlog.intake.GrpcIntake;
import org.vmlog.platform.DescriptorLimit;
import org.vmlog.wire.ConnectionMemory;

/**
 * Holds what the configuration lets peers take against what this process has of it: descriptors and
 * memory are set in other places, and with too little of them a guest could keep others from
 * logging. Stateless.
 */
final class ProcessLimits {
  private static final Logger LOG = LoggerFactory.getLogger(ProcessLimits.class);

  /** With fewer, even a host with few VMs has to do with fewer connections than it should. */
  private static final int FEW_DESCRIPTORS = 1024;

  private static final int MAX_QUIET_SINKS = 1024;

  /** So that they take an eighth of what there is at most. */
  private static final int DESCRIPTORS_FOR_QUIET_SINK = 8;

  /**
   * A quarter is for requests, and a source has a quarter of that while another takes all it may.
   */
  private static final int HEAP_FOR_REQUEST = 16;

  /**
   * A quarter is for connections, a tenth for what is read and synced, and a part is never used.
   */
  private static final int DIRECT_FOR_PIPES = 2;

  private ProcessLimits() {}

  /** How much peers may open and send at once; warns of what this process cannot bear. */
  static GrpcIntake.Limits intake(ForwarderConfig.Limits limits) throws IOException {
    warnOfMemory(limits);
    int descriptors = DescriptorLimit.ofThisProcess();
    if (descriptors < FEW_DESCRIPTORS) {
      LOG.warn(
          "this process may have no more than {} open files (ulimit -n), of which its logs and"
              + " sockets need most; connections get the rest",
          descriptors);
    }
    return new GrpcIntake.Limits(
        limits.maxRecords(),
        limits.connectionsPerIdentity(),
        limits.connectionsAnonymous(),
        ConnectionMemory.connections(),
        descriptors - quietSinks(descriptors));
  }

  /** How many components' connections may be open that have not said anything yet. */
  static int quietSinks() throws IOException {
    return quietSinks(DescriptorLimit.ofThisProcess());
  }

  private static int quietSinks(int descriptors) {
    return Math.min(MAX_QUIET_SINKS, descriptors / DESCRIPTORS_FOR_QUIET_SINK);
  }

  private static void warnOfMemory(ForwarderConfig.Limits limits) {
    long heap = Runtime.getRuntime().maxMemory();
    long request = (long) limits.maxRequestBytes() + limits.pipeBytes(); // one line may wait, too
    if (heap / HEAP_FOR_REQUEST < request) {
      LOG.warn(
          "limits.max_request and limits.pipe are {} bytes together, and the JVM's heap is {}: while one"
              + " guest takes all the memory it may, another's largest request is refused; have"
              + " VMLOG_JAVA_OPTS set -Xmx to {} times as much",
          request,
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
