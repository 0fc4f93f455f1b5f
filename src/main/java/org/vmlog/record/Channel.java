package org.vmlog.record;

/** How a line came to the host. In files the facility says so, and only the host sets it. */
public enum Channel {
  /** The guest's kernel, by CollectKernelLogs. */
  KERNEL(0),
  /** The guest's user space, by CollectUserLogs. */
  USER(1),
  /** The VMM's own lines, by the VM's datagram socket. */
  VMM(3),
  /**
   * What the forwarder itself says in a VM's file; RFC 3164's "generated internally by syslogd".
   */
  FORWARDER(5),
  /**
   * What the machine writes to its serial or virtio console, whoever in it does; FreeBSD's
   * LOG_CONSOLE. It may be the kernel's, and nobody can know.
   */
  CONSOLE(14);

  private final int facility;

  Channel(int facility) {
    this.facility = facility;
  }

  /** The facility's number, RFC 5424 section 6.2.1. */
  public int facility() {
    return facility;
  }
}
