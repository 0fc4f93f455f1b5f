package org.vmlog.lifecycle.dbus;

import java.io.IOException;
import java.util.List;
import java.util.OptionalInt;
import org.freedesktop.dbus.connections.impl.DBusConnection;
import org.vmlog.platform.BusCaller;
import org.vmlog.platform.BusException;
import org.vmlog.platform.BusRequest;
import org.vmlog.platform.Groups;

/**
 * Who may call what. The bus's policy is the first fence; this is the second, and does not depend
 * on how the bus is configured. Who somebody is the bus says, never the caller. Confined to the
 * calls' thread.
 */
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

    /** Whose members have it. */
    private List<String> groups() {
      return readersToo ? List.of(ADMINS, READERS) : List.of(ADMINS);
    }
  }

  /** Finds the number of a group, if there is such a group. */
  interface GroupFinder {
    OptionalInt find(String name) throws IOException;
  }

  private static final String ADMINS = "vmlog-admin";
  private static final String READERS = "vmlog";

  private final GroupFinder groups;

  Authority() {
    this(Groups::idOf);
  }

  Authority(GroupFinder groups) {
    this.groups = groups;
  }

  /**
   * Answers who calls, if they may: root, the user that this daemon runs as, and the members of the
   * right's groups.
   *
   * @throws BusException {@link ForwarderErrors#DENIED} if they may not
   */
  BusCaller require(Right right, BusRequest request) throws BusException {
    BusCaller caller = BusCaller.of(request.bus(), request.sender());
    if (caller.uid() == 0 || caller.uid() == ownUid(request.bus()) || isMember(caller, right)) {
      return caller;
    }
    throw new BusException(
        ForwarderErrors.DENIED,
        "user %s may not %s: root may, and group %s"
            .formatted(
                Integer.toUnsignedString(caller.uid()),
                right.text,
                String.join(" or ", right.groups())));
  }

  private static int ownUid(DBusConnection bus) throws BusException {
    return BusCaller.of(bus, bus.getUniqueName()).uid();
  }

  private boolean isMember(BusCaller caller, Right right) throws BusException {
    try {
      for (String name : right.groups()) {
        OptionalInt gid = groups.find(name);
        if (gid.isPresent() && caller.gids().contains(gid.getAsInt())) {
          return true;
        }
      }
      return false;
    } catch (IOException e) {
      throw new BusException(
          ForwarderErrors.FAILED, "it cannot be found out who may: " + e.getMessage());
    }
  }
}
