package org.vmlog.route;

/** Where the lines of VMs and components go beside their files, if that is asked for. */
public enum CopyTarget {
  SYSLOG,
  JOURNAL
}
