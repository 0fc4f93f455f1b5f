package org.vmlog.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.vmlog.identity.Claimant.Source.CONCIERGE;
import static org.vmlog.identity.Claimant.Source.MACHINED;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/**
 * Random starts and stops of few VMs over few CIDs, so that everything collides with everything,
 * held against two maps.
 */
class SourceRegistryModelTest {
  private static final int STEPS = 20_000;
  private static final List<VmId> IDS =
      List.of(
          new VmId("a", "1"),
          new VmId("a", "2"),
          new VmId("b", "1"),
          new VmId("b", "2"),
          new VmId("c", "1"));

  private static final List<Claimant> CLAIMANTS =
      List.of(CONCIERGE, MACHINED, new Claimant.HostUser(1000));

  /** What the configuration claims, and what was announced by whom and not stopped since. */
  private final Map<VmId, Long> configured = Map.of(IDS.get(0), 10L, IDS.get(1), 11L);

  private record Announced(Claimant claimant, long cid) {}

  private final Map<VmId, Announced> announced = new HashMap<>();

  private final SourceRegistry registry = new SourceRegistry();

  /** What an observer of the changes believes to be open. */
  private final List<Generation> open = new ArrayList<>();

  @Test
  void startedAndStopped_anySequence_agreesWithTheModel() {
    long seed = Long.getLong("vmlog.seed", System.nanoTime());
    System.out.println("SourceRegistryModelTest: -Dvmlog.seed=" + seed);
    Random random = new Random(seed);
    configured.forEach((id, cid) -> follow(registry.configure(VmSpec.ofCid(id, cid))));

    for (int step = 0; step < STEPS; step++) {
      VmId id = IDS.get(random.nextInt(IDS.size()));
      Announced word =
          new Announced(CLAIMANTS.get(random.nextInt(CLAIMANTS.size())), 2 + random.nextInt(10));
      boolean start = random.nextBoolean();
      String what = "seed %d step %d: %s %s %s".formatted(seed, step, start, id, word);
      Change change =
          start
              ? registry.started(Claim.of(word.claimant(), VmSpec.ofCid(id, word.cid())))
              : registry.stopped(word.claimant(), id, OptionalLong.of(word.cid()));

      assertThat(change)
          .as(what)
          .isInstanceOf(start ? expectStart(id, word) : expectStop(id, word));
      follow(change);
      assertThat(view()).as(what).isEqualTo(model());
      assertThat(open).as(what).containsExactlyInAnyOrderElementsOf(registry.live());
    }
  }

  private Class<? extends Change> expectStart(VmId id, Announced word) {
    boolean anotherIsConfiguredWithIt =
        configured.entrySet().stream()
            .anyMatch(other -> other.getValue() == word.cid() && !other.getKey().equals(id));
    boolean anotherClaimantHasIt =
        announced.entrySet().stream()
            .anyMatch(
                other ->
                    !other.getValue().claimant().equals(word.claimant())
                        && (other.getValue().cid() == word.cid() || other.getKey().equals(id)));
    if (word.cid() < 3 || anotherIsConfiguredWithIt || anotherClaimantHasIt) {
      return Change.Refused.class;
    }
    announced.values().removeIf(held -> held.cid() == word.cid());
    announced.put(id, word);
    return Change.Applied.class;
  }

  private Class<? extends Change> expectStop(VmId id, Announced word) {
    return announced.remove(id, word) ? Change.Applied.class : Change.Ignored.class;
  }

  /** Every generation is closed once, and opened once before that. */
  private void follow(Change change) {
    if (change instanceof Change.Applied applied) {
      for (Generation generation : applied.closed()) {
        assertThat(open.remove(generation)).isTrue();
      }
      open.addAll(applied.opened());
    }
  }

  private Map<Long, VmId> model() {
    Map<Long, VmId> byCid = new TreeMap<>();
    configured.forEach((id, cid) -> byCid.put(cid, id));
    announced.forEach((id, word) -> byCid.put(word.cid(), id));
    return byCid;
  }

  private Map<Long, VmId> view() {
    Map<Long, VmId> byCid = new TreeMap<>();
    TreeSet<VmId> seen = new TreeSet<>((a, b) -> a.toString().compareTo(b.toString()));
    for (long cid = 0; cid < 20; cid++) {
      VmId id = registry.byCid(cid).map(Generation::id).orElse(null);
      if (id != null) {
        byCid.put(cid, id);
        seen.add(id);
      }
    }
    assertThat(registry.live())
        .extracting(Generation::id)
        .containsExactlyInAnyOrderElementsOf(seen);
    assertThat(seen).allMatch(id -> Objects.equals(registry.byId(id).orElseThrow().id(), id));
    return byCid;
  }
}
