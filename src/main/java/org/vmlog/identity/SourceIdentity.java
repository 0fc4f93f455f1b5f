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
   * @param cause for counting
   * @param reason one clause for the peer and for the log: what it is and what was expected
   */
  record Refused(Cause cause, String reason) implements SourceIdentity {
    /** Why a peer may not log. */
    public enum Cause {
      /** CID 0, 1 or 2, which no guest has. */
      RESERVED_CID,
      /** An address that is no VM's. */
      UNREGISTERED_ADDRESS,
      /** A VM whose owner or name cannot be a file's. */
      UNUSABLE_NAME,
      /** Not what comes in by such a door. */
      WRONG_KIND
    }
  }
}
