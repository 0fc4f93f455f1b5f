package org.vmlog.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.vmlog.identity.Claimant.Source.CONCIERGE;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Readers of the registry while the lifecycle thread changes it: each sees whole changes only. */
@Timeout(60)
class SourceRegistryReadersTest {
  private static final int CHANGES = 40_000;
  private static final int READERS = 3;
  private static final int VMS = 5;

  /** Fewer than VMs, so that they are taken over all the time. */
  private static final int CIDS = 3;

  private final SourceRegistry registry = new SourceRegistry();
  private volatile boolean done;

  @Test
  void lookups_whileVmsComeAndGo_agreeWithOneMoment() throws Exception {
    long seed = Long.getLong("vmlog.seed", System.nanoTime());
    System.out.println("SourceRegistryReadersTest: -Dvmlog.seed=" + seed);
    ExecutorService pool = Executors.newFixedThreadPool(READERS);
    try {
      List<Future<Long>> readers = new ArrayList<>();
      for (int i = 0; i < READERS; i++) {
        readers.add(pool.submit(new Reader()));
      }
      change(new Random(seed));
      done = true;
      for (Future<Long> reader : readers) {
        assertThat(reader.get()).as("moments that held still long enough").isPositive();
      }
    } finally {
      done = true;
      pool.shutdownNow();
    }
  }

  private void change(Random random) throws UnknownHostException {
    registry.configure(spec(0));
    for (int i = 0; i < CHANGES; i++) {
      int vm = random.nextInt(VMS);
      long cid = 3 + random.nextInt(CIDS);
      switch (random.nextInt(4)) {
        case 0 -> registry.stopped(CONCIERGE, id(vm), OptionalLong.of(cid));
        case 1 -> registry.byId(id(vm)).ifPresent(registry::withdraw);
        default -> registry.started(Claim.of(CONCIERGE, spec(vm).withCid(cid)));
      }
    }
  }

  private static VmId id(int vm) {
    return new VmId("alice", "web-" + vm);
  }

  private static VmSpec spec(int vm) throws UnknownHostException {
    return VmSpec.named(id(vm)).withAddresses(Set.of(address(vm)));
  }

  private static InetAddress address(int vm) throws UnknownHostException {
    return InetAddress.getByAddress(new byte[] {10, 0, 7, (byte) vm});
  }

  /** Answers at how many moments it could compare every lookup. */
  private final class Reader implements Callable<Long> {
    @Override
    public Long call() throws Exception {
      long compared = 0;
      while (!done || compared == 0) {
        Collection<Generation> moment = registry.live();
        checkMoment(moment);
        List<Optional<Generation>> byCid = new ArrayList<>();
        for (long cid = 3; cid < 3 + CIDS; cid++) {
          byCid.add(registry.byCid(cid));
        }
        List<Optional<Generation>> byId = new ArrayList<>();
        List<Optional<Generation>> byAddress = new ArrayList<>();
        for (int vm = 0; vm < VMS; vm++) {
          byId.add(registry.byId(id(vm)));
          byAddress.add(registry.byAddress(address(vm)));
        }
        // The same view before and after: nothing has changed in between.
        if (registry.live() == moment) {
          compared++;
          for (int i = 0; i < CIDS; i++) {
            long cid = 3 + i;
            assertThat(byCid.get(i)).isEqualTo(only(moment, g -> g.cids().contains(cid)));
          }
          for (int vm = 0; vm < VMS; vm++) {
            VmId id = id(vm);
            assertThat(byId.get(vm)).isEqualTo(only(moment, g -> g.id().equals(id)));
            assertThat(byAddress.get(vm)).isEqualTo(byId.get(vm));
          }
        }
      }
      return compared;
    }

    private static Optional<Generation> only(
        Collection<Generation> moment, Predicate<Generation> wanted) {
      List<Generation> found = moment.stream().filter(wanted).toList();
      assertThat(found).hasSizeLessThanOrEqualTo(1);
      return found.stream().findFirst();
    }

    private static void checkMoment(Collection<Generation> moment) {
      Set<Object> claims = new HashSet<>();
      long number = 0;
      for (Generation generation : moment) {
        assertThat(generation.number()).as("in the order of the starts").isGreaterThan(number);
        number = generation.number();
        assertThat(claims.add(generation.id())).isTrue();
        generation.cids().forEach(cid -> assertThat(claims.add(cid)).isTrue());
        generation.addresses().forEach(address -> assertThat(claims.add(address)).isTrue());
      }
    }
  }
}
