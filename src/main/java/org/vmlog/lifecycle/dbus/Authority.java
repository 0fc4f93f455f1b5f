package org.vmlog.lifecycle.dbus;

import java.util.List;
import org.vmlog.bus.BusAuthority;
import org.vmlog.bus.BusCaller;
import org.vmlog.bus.BusException;
import org.vmlog.bus.BusRequest;

/** Who may announce VMs, and who may see them. Confined to the calls' thread. */
final class Authority {
  /** What may be asked for. */
  enum Right {
    /** To say which VMs there are. */
    REGISTER("register VMs", false),
    /** To set how much is said in the daemon's own log. */
    LOG("set the log's level", false),
    /** To see which VMs there are. */
    LIST("list VMs", true);

    private final String text;
    private final boolean readersToo;

    Right(String text, boolean readersToo) {
      this.text = text;
      this.readersToo = readersToo;
    }

    private BusAuthority.Right right() {
      return new BusAuthority.Right(text, readersToo ? List.of(ADMINS, READERS) : List.of(ADMINS));
    }
  }

  private static final String ADMINS = "vmlog-admin";
  private static final String READERS = "vmlog";

  private final BusAuthority authority;

  Authority() {
    this(new BusAuthority());
  }

  Authority(BusAuthority authority) {
    this.authority = authority;
  }

  /**
   * Answers who calls, if they may: root, the user that this daemon runs as, and the members of the
   * right's groups.
   *
   * @throws BusException if they may not
   */
  BusCaller require(Right right, BusRequest request) throws BusException {
    return authority.require(right.right(), request);
  }
}
