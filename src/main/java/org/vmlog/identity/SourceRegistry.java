package org.vmlog.identity;

import static org.vmlog.identity.Claimant.Source.CONFIGURATION;

import java.net.InetAddress;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * The VMs that are live, and who may call itself one of them.
 *
 * <p>Claims are made by the configuration and by any number of others that announce starts; what
 * one has, no other gets ({@link ClaimBook} has the rules). A VM that the configuration knows and
 * another announced has the attributes of both.
 *
 * <p>A change replaces generations and never edits one, and readers see it as a whole. Reading is
 * thread-safe and takes no lock; the methods that return a {@link Change} are confined to the
 * lifecycle thread.
 */
public final class SourceRegistry {
  private final InstantSource clock;
  private final ClaimBook book = new ClaimBook();
  private long generations;
  private volatile LiveVms live = LiveVms.NONE;

  /** A registry that knows no VM. */
  public SourceRegistry() {
    this(InstantSource.system());
  }

  /** The same, with a clock that says when a generation started. */
  public SourceRegistry(InstantSource clock) {
    this.clock = clock;
  }

  /** The VM that has this vsock context id now. */
  public Optional<Generation> byCid(long cid) {
    return Optional.ofNullable(live.byCid().get(cid));
  }

  /** The VM whose TCP connections come from this address; {@code ::ffff:a.b.c.d} is a.b.c.d. */
  public Optional<Generation> byAddress(InetAddress address) {
    return Optional.ofNullable(live.byAddress().get(Addresses.normalise(address)));
  }

  public Optional<Generation> byId(VmId id) {
    return Optional.ofNullable(live.byId().get(id));
  }

  /** The VMs live at the moment of the call, in the order of their starts; unmodifiable. */
  public Collection<Generation> live() {
    return live.byId().values();
  }

  /** Whether this start of its VM is still the current one. */
  @SuppressWarnings("ReferenceEquality") // two starts of one VM are two generations
  public boolean isLive(Generation generation) {
    return live.byId().get(generation.id()) == generation;
  }

  /** What stands claimed at the moment of the call, by whomever; unmodifiable. */
  public List<Claim> claims() {
    return live.claims();
  }

  /** What there is to know when the forwarder is started again. */
  public RegistryState state() {
    return new RegistryState(generations, live().stream().map(PastGeneration::of).toList());
  }

  /**
   * Knows what is configured, and what was announced to the forwarder before it was restarted; to
   * be called before anything else. A VM that is still what it was goes on with its generation's
   * number. What the configuration has come to claim meanwhile is refused to those announced.
   *
   * @return each refusal, then one change with all the VMs that are live
   */
  public List<Change> begin(List<VmSpec> configured, RegistryState past) {
    generations = past.lastNumber();
    List<Claim> claims = new ArrayList<>();
    configured.forEach(vm -> claims.add(Claim.of(CONFIGURATION, vm)));
    Map<VmId, PastGeneration> before = new HashMap<>();
    for (PastGeneration generation : past.generations()) {
      before.put(generation.id(), generation);
      Optional.ofNullable(generation.announced()).ifPresent(claims::add);
    }
    List<Change> changes = new ArrayList<>();
    for (Claim claim : claims) {
      Change.Refused refusal = book.refusal(claim);
      if (refusal == null) {
        var unused = book.enter(claim);
      } else {
        changes.add(refusal);
      }
    }
    changes.add(renew(book.all(), before));
    return changes;
  }

  /** A VM that is live without any announcement, and whose claims no other VM ever gets. */
  public Change configure(VmSpec spec) {
    return claim(Claim.of(CONFIGURATION, spec));
  }

  /**
   * Somebody other than the configuration says that this VM starts. The VM's previous generation
   * closes, and so does any other VM to which the same claimant gave one of its claims: its stop
   * was missed.
   */
  public Change started(Claim claim) {
    return claim(claim);
  }

  private Change claim(Claim claim) {
    Change.Refused refusal = book.refusal(claim);
    return refusal != null ? refusal : renew(book.enter(claim), Map.of());
  }

  /**
   * Who announced this VM says that its start is over. What the configuration knows of the VM goes
   * on as a new generation.
   *
   * @param cid the one the start had, which tells it from another; empty ends any
   */
  public Change stopped(Claimant claimant, VmId id, OptionalLong cid) {
    KnownVm vm = book.find(id);
    if (vm == null || vm.announced == null) {
      return new Change.Ignored("%s%s was not announced".formatted(id, shown(cid)));
    }
    if (!vm.announced.claimant().equals(claimant)) {
      return new Change.Ignored(
          "%s is %s's, and not %s's".formatted(id, vm.announced.claimant(), claimant));
    }
    OptionalLong current = vm.announced.vm().cid();
    if (cid.isPresent() && cid.getAsLong() != current.orElse(0)) {
      return new Change.Ignored(
          "%s%s has CID %s by now".formatted(id, shown(cid), current.orElse(0)));
    }
    book.strike(vm);
    return renew(List.of(vm), Map.of());
  }

  private static String shown(OptionalLong cid) {
    return cid.isPresent() ? " (CID " + cid.getAsLong() + ")" : "";
  }

  /**
   * Takes back a generation that could not be opened. What the configuration knows of the VM goes
   * on as a new generation, unless this was it already: then the VM is not live until it is
   * announced, but keeps its claims.
   */
  public Change withdraw(Generation generation) {
    KnownVm vm = book.find(generation.id());
    if (vm == null || !isLive(generation)) {
      return new Change.Ignored(generation + " is not live");
    }
    if (vm.announced == null) {
      vm.live = null;
      publish();
      return new Change.Applied(List.of(generation), List.of());
    }
    book.strike(vm);
    return renew(List.of(vm), Map.of());
  }

  /** Gives each of these VMs the generation that fits what is known of it now. */
  private Change renew(List<KnownVm> changed, Map<VmId, PastGeneration> before) {
    List<Generation> closed = new ArrayList<>();
    List<Generation> opened = new ArrayList<>();
    for (KnownVm vm : changed) {
      if (vm.live != null) {
        closed.add(vm.live);
        vm.live = null;
      }
      if (vm.isClaimed()) {
        Generation next = next(vm, before.get(vm.id));
        vm.live = next;
        opened.add(next);
      } else {
        book.remove(vm);
      }
    }
    publish();
    return new Change.Applied(closed, opened);
  }

  private Generation next(KnownVm vm, @Nullable PastGeneration before) {
    return before != null && before.goesOnWith(vm.claims())
        ? vm.generation(before.number(), before.started(), true)
        : vm.generation(++generations, clock.instant(), false);
  }

  private void publish() {
    List<Generation> current = new ArrayList<>();
    List<Claim> claims = new ArrayList<>();
    for (KnownVm vm : book.all()) {
      claims.addAll(vm.claims());
      if (vm.live != null) {
        current.add(vm.live);
      }
    }
    live = LiveVms.of(current, claims);
  }
}
