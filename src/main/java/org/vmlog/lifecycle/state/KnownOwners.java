package org.vmlog.lifecycle.state;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** The owners heard of last, up to a number. Thread-safe. */
final class KnownOwners {
  private final int max;

  @GuardedBy("this")
  private final Set<String> oldestFirst = new LinkedHashSet<>();

  KnownOwners(int max) {
    this.max = max;
  }

  synchronized void heardOf(Collection<String> owners) {
    for (String owner : owners) {
      oldestFirst.remove(owner);
      oldestFirst.add(owner);
    }
    Iterator<String> oldest = oldestFirst.iterator();
    while (oldestFirst.size() > max) {
      oldest.next();
      oldest.remove();
    }
  }

  synchronized List<String> all() {
    return List.copyOf(oldestFirst);
  }
}
