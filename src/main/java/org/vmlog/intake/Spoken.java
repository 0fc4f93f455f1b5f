package org.vmlog.intake;

/** What can be spoken behind a door. */
public enum Spoken {
  /** gRPC: LogCollector and LogStream. */
  GRPC,
  /** The journal export format, as journald's ForwardToSocket= sends it. */
  JOURNAL,
  /** What a machine writes to its console. */
  CONSOLE,
  /** Syslog, RFC 3164 or 5424, framed as RFC 6587 has it. */
  SYSLOG
}
