package org.vmlog.bus;

import java.io.IOException;
import java.util.List;
import java.util.OptionalInt;
import org.freedesktop.dbus.connections.impl.DBusConnection;
import org.vmlog.platform.Groups;

/**
 * Who may call what. The bus's policy is the first fence; this is the second, and does not depend
 * on how the bus is configured. Who somebody is the bus says, never the caller. Confined to the
 * calls' thread.
 */
public final class BusAuthority {
  /**
   * What may be asked for.
   *
   * @param text completes "may …"
   * @param groups whose members may, besides root and the user that this process runs as
   */
  public record Right(String text, List<String> groups) {
    public Right {
      groups = List.copyOf(groups);
    }
  }

  /** Finds the number of a group, if there is such a group. */
  public interface GroupFinder {
    OptionalInt find(String name) throws IOException;
  }

  private final GroupFinder groups;

  public BusAuthority() {
    this(Groups::idOf);
  }

  public BusAuthority(GroupFinder groups) {
    this.groups = groups;
  }

  /**
   * Answers who calls, if they may.
   *
   * @throws BusException {@link BusErrors#DENIED} if they may not
   */
  public BusCaller require(Right right, BusRequest request) throws BusException {
    BusCaller caller = BusCaller.of(request.bus(), request.sender());
    if (caller.uid() == 0 || caller.uid() == ownUid(request.bus()) || isMember(caller, right)) {
      return caller;
    }
    String others =
        right.groups.isEmpty() ? "" : ", and group " + String.join(" or ", right.groups);
    throw new BusException(
        BusErrors.DENIED,
        "user %s may not %s: root may%s"
            .formatted(Integer.toUnsignedString(caller.uid()), right.text, others));
  }

  private static int ownUid(DBusConnection bus) throws BusException {
    return BusCaller.of(bus, bus.getUniqueName()).uid();
  }

  private boolean isMember(BusCaller caller, Right right) throws BusException {
    try {
      for (String name : right.groups) {
        OptionalInt gid = groups.find(name);
        if (gid.isPresent() && caller.gids().contains(gid.getAsInt())) {
          return true;
        }
      }
      return false;
    } catch (IOException e) {
      throw new BusException(BusErrors.FAILED, "it cannot be found out who may: " + e.getMessage());
    }
  }
}
