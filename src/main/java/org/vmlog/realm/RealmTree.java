package org.vmlog.realm;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;
import org.vmlog.identity.RealmPath;
import org.vmlog.realm.RealmException.Reason;

/** All realms, from the root {@code app} down. Confined to the broker's thread. */
final class RealmTree {
  private final int maxRealms;
  private final BiFunction<RealmPath, ListenerKind, Listener> listeners;
  private final Realm root;
  private int realms;

  /** Makes a tree of nothing but the root. */
  RealmTree(int maxRealms, BiFunction<RealmPath, ListenerKind, Listener> listeners) {
    this.maxRealms = maxRealms;
    this.listeners = listeners;
    this.root = make(RealmPath.HERE, null, Optional.empty(), Optional.empty());
  }

  private Realm make(
      RealmPath path,
      @Nullable Realm above,
      Optional<ForeignPath> ownSink,
      Optional<String> lease) {
    return new Realm(path, above, ownSink, lease, kind -> listeners.apply(path, kind));
  }

  /**
   * Finds a realm.
   *
   * @throws RealmException if there is none at this path
   */
  Realm get(RealmPath path) throws RealmException {
    Realm found = nearest(path);
    if (!found.path().equals(path)) {
      throw new RealmException(Reason.NO_SUCH_REALM, "there is no realm " + path);
    }
    return found;
  }

  /** The realm at this path, or the nearest above it. */
  Realm nearest(RealmPath path) {
    Realm realm = root;
    for (String label : path.labels()) {
      Realm next = realm.below().get(label);
      if (next == null) {
        return realm;
      }
      realm = next;
    }
    return realm;
  }

  /** Adds a realm to one that is there. */
  void create(RealmPath path, Optional<ForeignPath> ownSink, Optional<String> lease)
      throws RealmException {
    if (path.depth() == 0) {
      throw new RealmException(Reason.REALM_EXISTS, "there is a root realm already");
    }
    Realm above = get(path.parent());
    String label = path.label();
    if (above.below().containsKey(label)) {
      throw new RealmException(Reason.REALM_EXISTS, "there is a realm " + path + " already");
    }
    if (realms >= maxRealms) {
      throw new RealmException(
          Reason.LIMIT, "there are %s realms; allowed are %s".formatted(realms, maxRealms));
    }
    above.below().put(label, make(path, above, ownSink, lease));
    realms++;
  }

  /**
   * Takes a realm out, with all realms in it.
   *
   * @return what was taken out
   */
  List<Realm> destroy(Realm destroyed) {
    RealmPath path = destroyed.path();
    boolean unused = nearest(path.parent()).below().remove(path.label(), destroyed);
    List<Realm> all = within(destroyed);
    realms -= all.size();
    return all;
  }

  /** Every realm, each before those in it. */
  List<Realm> all() {
    return within(root);
  }

  private static List<Realm> within(Realm top) {
    List<Realm> all = new ArrayList<>();
    all.add(top);
    for (int i = 0; i < all.size(); i++) {
      all.addAll(all.get(i).below().values());
    }
    return all;
  }
}
