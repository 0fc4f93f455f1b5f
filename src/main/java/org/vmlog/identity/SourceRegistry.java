package org.vmlog.identity;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The VMs that are live, and who may call itself one of them.
 *
 * <p>Two sources make claims: the configuration, and a launcher that announces starts. What the
 * configuration claims (an owner and name, a CID, an address) is never given to another VM. What
 * the launcher claimed yields to its own newer claim, because CIDs are reused and the signal of a
 * stop can be missed. A VM that both know has the attributes of both.
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

  private final Map<VmId, KnownVm> known = new LinkedHashMap<>();
  private long generations;
  private volatile LiveVms live = LiveVms.NONE;

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

  /** A VM that is live without any announcement, and whose claims no other VM ever gets. */
  public Change configure(VmSpec spec) {
    KnownVm same = known.get(spec.id());
    if (same != null && same.configured != null) {
      return new Change.Refused(spec.id() + " is configured twice");
    }
    String refusal = refusal(spec);
    if (refusal != null) {
      return new Change.Refused(refusal);
    }
    for (KnownVm other : known.values()) {
      if (!other.id.equals(spec.id()) && collide(other.announced, spec)) {
        return new Change.Refused(
            "%s is configured with a CID or address that %s was announced with"
                .formatted(spec.id(), other.id));
      }
    }
    KnownVm vm = known.computeIfAbsent(spec.id(), KnownVm::new);
    vm.configured = spec;
    return renew(List.of(vm));
  }

  /**
   * A launcher says that this VM starts. The VM's previous generation closes, and so does what was
   * announced of any other VM with the same CID or address: its stop was missed.
   */
  public Change started(VmSpec spec) {
    String refusal = refusal(spec);
    if (refusal != null) {
      return new Change.Refused(refusal);
    }
    List<KnownVm> changed = new ArrayList<>();
    for (KnownVm other : known.values()) {
      if (!other.id.equals(spec.id()) && collide(other.announced, spec)) {
        other.announced = null;
        changed.add(other);
      }
    }
    KnownVm vm = known.computeIfAbsent(spec.id(), KnownVm::new);
    vm.announced = spec;
    changed.add(vm);
    return renew(changed);
  }

  /**
   * A launcher says that this VM's start with this CID is over. What the configuration knows of the
   * VM goes on as a new generation.
   */
  public Change stopped(VmId id, long cid) {
    KnownVm vm = known.get(id);
    if (vm == null || vm.announced == null) {
      return new Change.Ignored("%s (CID %d) was not announced".formatted(id, cid));
    }
    long current = vm.announced.cid().orElse(0);
    if (cid != current) {
      return new Change.Ignored("%s (CID %d) has CID %d by now".formatted(id, cid, current));
    }
    vm.announced = null;
    return renew(List.of(vm));
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

  /** Why nobody may have these claims for this VM, or null if a launcher may. */
  private @Nullable String refusal(VmSpec spec) {
    long cid = spec.cid().orElse(FIRST_GUEST_CID);
    if (cid < FIRST_GUEST_CID || cid > LAST_GUEST_CID) {
      return "%s has CID %d, and a guest's is %d to %d"
          .formatted(spec.id(), cid, FIRST_GUEST_CID, LAST_GUEST_CID);
    }
    for (KnownVm other : known.values()) {
      if (!other.id.equals(spec.id()) && collide(other.configured, spec)) {
        return "%s has a CID or address that the configuration gives to %s"
            .formatted(spec.id(), other.id);
      }
    }
    return null;
  }

  private static boolean collide(@Nullable VmSpec held, VmSpec wanted) {
    if (held == null) {
      return false;
    }
    boolean sameCid = wanted.cid().isPresent() && wanted.cid().equals(held.cid());
    boolean sameAddress =
        wanted.address().isPresent()
            && wanted
                .address()
                .map(Addresses::normalise)
                .equals(held.address().map(Addresses::normalise));
    return sameCid || sameAddress;
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
        Generation next = vm.generation(++generations);
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
    for (KnownVm vm : known.values()) {
      if (vm.live != null) {
        current.add(vm.live);
      }
    }
    live = LiveVms.of(current);
  }
}
