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
   * One start of a component of this host, as its launcher told the broker of realms: nothing of it
   * comes from the component. Any two connections of one start have equal identities.
   *
   * @param url what was started, such as {@code systemd:///cart.service}; may be empty
   * @param instanceId tells one start from the others; may be empty
   */
  record Component(ComponentId id, String url, String instanceId) implements SourceIdentity {
    public static final int MAX_URL_BYTES = 1024;
    public static final int MAX_INSTANCE_ID_BYTES = 32;

    /**
     * Checks the texts.
     *
     * @throws IllegalArgumentException if one is too long or has control characters; says which
     */
    public Component {
      Names.checkText("component URL", url, MAX_URL_BYTES);
      Names.checkText("instance id", instanceId, MAX_INSTANCE_ID_BYTES);
    }

    /** The same component, as that realm, its own or one above it, has it. */
    public Component from(RealmPath observer) {
      return new Component(new ComponentId(id.realm().from(observer), id.name()), url, instanceId);
    }
  }

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
      /** Another user than the one whose VMM's door it is. */
      FOREIGN_USER,
      /** Not what comes in by such a door. */
      WRONG_KIND
    }
  }
}
