package org.vmlog.intake;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.vmlog.wire.Transport;

/**
 * Which connections are open, by whose they are: those of one source may have to be closed
 * together. Thread-safe.
 */
final class OpenTransports {
  private final Map<Object, Set<Transport>> bySource = new ConcurrentHashMap<>();

  void add(Object source, Transport transport) {
    bySource.compute(
        source,
        (key, known) -> {
          Set<Transport> all = known == null ? ConcurrentHashMap.newKeySet() : known;
          all.add(transport); // in here, or remove may throw an empty set away at this moment
          return all;
        });
  }

  void remove(Object source, Transport transport) {
    bySource.computeIfPresent(
        source,
        (key, known) -> {
          known.remove(transport);
          return known.isEmpty() ? null : known;
        });
  }

  /** Closes all that are open now: calls that have begun on them may end. */
  void closeAll(Object source) {
    List.copyOf(bySource.getOrDefault(source, Set.of())).forEach(Transport::close);
  }
}
