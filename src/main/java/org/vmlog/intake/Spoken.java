package org.vmlog.intake;

/** What can be spoken behind a door. */
public enum Spoken {
  /** gRPC: LogCollector and LogStream. */
  GRPC,
  /** The journal export format, as journald's ForwardToSocket= sends it. */
  JOURNAL
}
