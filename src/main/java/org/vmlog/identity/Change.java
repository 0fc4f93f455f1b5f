package org.vmlog.identity;

import java.util.List;

/** What became of a claim or of its release. Immutable. */
public sealed interface Change {

  /**
   * Done, and readers see it.
   *
   * @param closed generations that ended, to be told of first
   * @param opened generations that began, to be told of after
   */
  record Applied(List<Generation> closed, List<Generation> opened) implements Change {
    public Applied {
      closed = List.copyOf(closed);
      opened = List.copyOf(opened);
    }
  }

  /** Why a claim is refused. */
  enum Refusal {
    /** It is another claimant's, or another configured VM's. */
    CLAIMED,
    /** No VM can have it. */
    UNFIT,
    /** The VM's sockets or its file could not be opened. */
    FAILED
  }

  /**
   * The claim is not the claimant's to make, or cannot be met; the VM is not live by it.
   *
   * @param reason a whole clause: which VM, which claim, and what stands against it
   */
  record Refused(Refusal refusal, String reason) implements Change {}

  /**
   * The release is of nothing that is held; nothing changed.
   *
   * @param reason a whole clause: which VM, and what is held instead
   */
  record Ignored(String reason) implements Change {}
}
