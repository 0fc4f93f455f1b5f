package org.vmlog.identity;

/**
 * Who is at the other end of a connection, decided from the transport before its first byte is read
 * and never changed after.
 */
public sealed interface SourceIdentity {

  /** A VM that was live when the connection was accepted. */
  record Vm(Generation generation) implements SourceIdentity {}

  /**
   * A guest that nobody announced; its lines go to the local syslog under its CID.
   *
   * @param cid its vsock context id; 0 for a TCP peer
   */
  record Anonymous(long cid) implements SourceIdentity {}

  /** A process on this host that connected to the forwarder's own socket. */
  record HostUser(int uid) implements SourceIdentity {}

  /**
   * A peer that may not log here.
   *
   * @param reason one clause for the peer and for the log: what it is and what was expected
   */
  record Refused(String reason) implements SourceIdentity {}
}
