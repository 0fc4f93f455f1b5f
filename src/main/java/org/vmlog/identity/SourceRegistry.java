package org.vmlog.identity;

import static org.vmlog.identity.Change.Refusal.CLAIMED;
import static org.vmlog.identity.Change.Refusal.UNFIT;

import java.net.InetAddress;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * The VMs that are live, and who may call itself one of them.
 *
 * <p>Claims are made by the configuration and by any number of others that announce starts. What is
 * claimed (an owner and name, a CID, an address, a hybrid vsock) stays its claimant's until that
 * releases it, and is refused to every other. It yields to the same claimant's newer claim, because
 * CIDs are reused and the signal of a stop can be missed. Only the configuration shares: a VM that
 * it knows can be announced by one other as well, and has the attributes of both.
 *
 * <p>A change replaces generations and never edits one, and readers see it as a whole. Reading is
 * thread-safe and takes no lock; the methods that return a {@link Change} are confined to the
 * lifecycle thread.
 */
public final class SourceRegistry {
  /** 0 is the hypervisor, 1 loopback and 2 the host, vsock(7). */
  private static final long FIRST_GUEST_CID = 3;

  /** 2^32-1 is VMADDR_CID_ANY, vsock(7). */
  private static final long LAST_GUEST_CID = 0xFFFF_FFFEL;

  private final InstantSource clock;
  private final Map<VmId, KnownVm> known = new LinkedHashMap<>();
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

  /** A VM that is live without any announcement, and whose claims no other VM ever gets. */
  public Change configure(VmSpec spec) {
    Claim claim = Claim.of(Claimant.Source.CONFIGURATION, spec);
    KnownVm same = known.get(spec.id());
    if (same != null && same.configured != null) {
      return new Change.Refused(CLAIMED, spec.id() + " is configured twice");
    }
    Change.Refused refusal = refusal(claim);
    if (refusal != null) {
      return refusal;
    }
    KnownVm vm = known.computeIfAbsent(spec.id(), KnownVm::new);
    vm.configured = claim;
    return renew(List.of(vm));
  }

  /**
   * Somebody other than the configuration says that this VM starts. The VM's previous generation
   * closes, and so does any other VM to which the same claimant gave one of its claims: its stop
   * was missed.
   */
  public Change started(Claim claim) {
    KnownVm same = known.get(claim.id());
    if (same != null
        && same.announced != null
        && !same.announced.claimant().equals(claim.claimant())) {
      return new Change.Refused(
          CLAIMED,
          "%s is %s's, and %s cannot have it"
              .formatted(claim.id(), same.announced.claimant(), claim.claimant()));
    }
    Change.Refused refusal = refusal(claim);
    if (refusal != null) {
      return refusal;
    }
    List<KnownVm> changed = new ArrayList<>();
    for (KnownVm other : known.values()) {
      if (!other.id.equals(claim.id())
          && other.announced != null
          && other.announced.vm().common(claim.vm()).isPresent()) {
        other.announced = null;
        changed.add(other);
      }
    }
    KnownVm vm = known.computeIfAbsent(claim.id(), KnownVm::new);
    vm.announced = claim;
    changed.add(vm);
    return renew(changed);
  }

  /**
   * Who announced this VM says that its start is over. What the configuration knows of the VM goes
   * on as a new generation.
   *
   * @param cid the one the start had, which tells it from another; empty ends any
   */
  public Change stopped(Claimant claimant, VmId id, OptionalLong cid) {
    KnownVm vm = known.get(id);
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
          "%s%s has CID %d by now".formatted(id, shown(cid), current.orElse(0)));
    }
    vm.announced = null;
    return renew(List.of(vm));
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
    KnownVm vm = known.get(generation.id());
    if (vm == null || !isLive(generation)) {
      return new Change.Ignored(generation + " is not live");
    }
    if (vm.announced == null) {
      vm.live = null;
      publish();
      return new Change.Applied(List.of(generation), List.of());
    }
    vm.announced = null;
    return renew(List.of(vm));
  }

  /** Why this claimant may not have this claim, or null if it may. */
  private Change.@Nullable Refused refusal(Claim claim) {
    long cid = claim.vm().cid().orElse(FIRST_GUEST_CID);
    if (cid < FIRST_GUEST_CID || cid > LAST_GUEST_CID) {
      return new Change.Refused(
          UNFIT,
          "%s has CID %d, and a guest's is %d to %d"
              .formatted(claim.id(), cid, FIRST_GUEST_CID, LAST_GUEST_CID));
    }
    for (KnownVm other : known.values()) {
      if (!other.id.equals(claim.id())) {
        for (Claim held : other.claims()) {
          Optional<String> common = held.vm().common(claim.vm());
          if (common.isPresent() && !yields(held, claim)) {
            return new Change.Refused(
                CLAIMED,
                "%s cannot have %s, which is %s's by %s"
                    .formatted(claim.id(), common.get(), other.id, held.claimant()));
          }
        }
      }
    }
    return null;
  }

  /** The configuration is all there at once: two of its VMs with one CID are a mistake in it. */
  private static boolean yields(Claim held, Claim newer) {
    return held.claimant() != Claimant.Source.CONFIGURATION
        && held.claimant().equals(newer.claimant());
  }

  /** Gives each of these VMs the generation that fits what is known of it now. */
  private Change renew(List<KnownVm> changed) {
    List<Generation> closed = new ArrayList<>();
    List<Generation> opened = new ArrayList<>();
    for (KnownVm vm : changed) {
      if (vm.live != null) {
        closed.add(vm.live);
        vm.live = null;
      }
      if (vm.isClaimed()) {
        Generation next = vm.generation(++generations, clock.instant());
        vm.live = next;
        opened.add(next);
      } else {
        known.remove(vm.id);
      }
    }
    publish();
    return new Change.Applied(closed, opened);
  }

  private void publish() {
    List<Generation> current = new ArrayList<>();
    List<Claim> claims = new ArrayList<>();
    for (KnownVm vm : known.values()) {
      claims.addAll(vm.claims());
      if (vm.live != null) {
        current.add(vm.live);
      }
    }
    live = LiveVms.of(current, claims);
  }
}
