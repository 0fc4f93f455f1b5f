package org.vmlog.identity;

/**
 * A component as its realm and its launcher name it, the same for all starts of it: its moniker.
 *
 * @param realm from the realm that observes it
 * @param name 1 to {@value #MAX_NAME_BYTES} bytes without a slash
 */
public record ComponentId(RealmPath realm, String name) {
  public static final int MAX_NAME_BYTES = 255;

  /**
   * Checks the name.
   *
   * @throws IllegalArgumentException if it cannot be a component's; says why
   */
  public ComponentId {
    Names.check("component name", name, MAX_NAME_BYTES);
  }

  /**
   * The component of a moniker.
   *
   * @throws IllegalArgumentException if it is none
   */
  public static ComponentId parse(String moniker) {
    int slash = moniker.lastIndexOf('/');
    if (slash == 0) {
      throw new IllegalArgumentException("a moniker begins with a slash, which is not allowed");
    }
    RealmPath realm = slash < 0 ? RealmPath.HERE : RealmPath.parse(moniker.substring(0, slash));
    return new ComponentId(realm, moniker.substring(slash + 1));
  }

  /** The moniker: the realm's labels and the name, with slashes between them. */
  @Override
  public String toString() {
    return realm.depth() == 0 ? name : realm + "/" + name;
  }
}
