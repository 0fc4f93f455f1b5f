package org.vmlog.intake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.vmlog.identity.Claimant.Source.CONCIERGE;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.vmlog.identity.Change;
import org.vmlog.identity.Claim;
import org.vmlog.identity.ComponentId;
import org.vmlog.identity.Generation;
import org.vmlog.identity.SourceIdentity;
import org.vmlog.identity.SourceRegistry;
import org.vmlog.identity.VmId;
import org.vmlog.identity.VmSpec;

class ConnectionLimitsTest {
  private final SourceRegistry registry = new SourceRegistry();
  private final ConnectionLimits limits =
      new ConnectionLimits(8, 64, 8192, 65_536, () -> registry.live().size());

  private SourceIdentity.Vm vm(String name, long cid) {
    Change change =
        registry.started(Claim.of(CONCIERGE, VmSpec.ofCid(new VmId("alice", name), cid)));
    Generation opened = ((Change.Applied) change).opened().get(0);
    return new SourceIdentity.Vm(opened);
  }

  private static SourceIdentity refused(String reason) {
    return new SourceIdentity.Refused(SourceIdentity.Refused.Cause.UNREGISTERED_ADDRESS, reason);
  }

  @Test
  void admit_ninthOfAVm_isRefusedUntilOneHasLeft() {
    SourceIdentity web = vm("web", 3);
    for (int i = 0; i < 8; i++) {
      assertThat(limits.admit(Spoken.GRPC, web)).isTrue();
    }
    assertThat(limits.admit(Spoken.GRPC, web)).isFalse();
    limits.left(Spoken.GRPC, web);
    assertThat(limits.admit(Spoken.GRPC, web)).isTrue();
  }

  @Test
  void admit_nameless_shareOneLimitWhateverTheyAre() {
    for (int i = 0; i < 32; i++) {
      assertThat(limits.admit(Spoken.GRPC, new SourceIdentity.Anonymous(100 + i))).isTrue();
      assertThat(limits.admit(Spoken.GRPC, refused("peer " + i))).isTrue();
    }
    assertThat(limits.admit(Spoken.GRPC, new SourceIdentity.Anonymous(7))).isFalse();
    assertThat(limits.admit(Spoken.GRPC, refused("another"))).isFalse();
    assertThat(limits.admit(Spoken.GRPC, vm("web", 3))).isTrue();
  }

  @Test
  void admit_oneCidWithoutAName_leavesRoomForAnother() {
    SourceIdentity flooding = new SourceIdentity.Anonymous(7);
    for (int i = 0; i < 8; i++) {
      assertThat(limits.admit(Spoken.GRPC, flooding)).isTrue();
    }
    assertThat(limits.admit(Spoken.GRPC, flooding)).isFalse();
    assertThat(limits.admit(Spoken.GRPC, new SourceIdentity.Anonymous(8))).isTrue();
    for (int i = 0; i < 55; i++) {
      assertThat(limits.admit(Spoken.GRPC, new SourceIdentity.Anonymous(0)))
          .as("TCP peer %d", i)
          .isTrue();
    }
    assertThat(limits.admit(Spoken.GRPC, new SourceIdentity.Anonymous(9)))
        .as("a 65th in all")
        .isFalse();
    limits.left(Spoken.GRPC, flooding);
    assertThat(limits.admit(Spoken.GRPC, new SourceIdentity.Anonymous(9))).isTrue();
  }

  @Test
  void admit_firstOfALiveVm_isHadHoweverManyTheOthersHold() {
    SourceIdentity.Vm late = vm("late", 3);
    List<SourceIdentity> admitted = new ArrayList<>();
    for (int uid = 0; uid < 100; uid++) {
      for (int i = 0; i < 8; i++) {
        SourceIdentity user = new SourceIdentity.HostUser(uid);
        if (limits.admit(Spoken.GRPC, user)) {
          admitted.add(user);
        }
      }
    }
    assertThat(admitted).hasSize(256 + 8); // all that one live VM makes room for

    assertThat(limits.admit(Spoken.GRPC, late)).isTrue();
    assertThat(limits.admit(Spoken.GRPC, late)).as("a second is over the total").isFalse();
    admitted.forEach(source -> limits.left(Spoken.GRPC, source));
    assertThat(limits.admit(Spoken.GRPC, late)).isTrue();
  }

  @Test
  void admit_fewDescriptors_leavesFilesAndSocketsTheirs() {
    int vms = 20;
    int descriptors =
        ConnectionLimits.OWN_DESCRIPTORS + vms * ConnectionLimits.DESCRIPTORS_PER_VM + 30;
    ConnectionLimits few = new ConnectionLimits(8, 64, 8192, descriptors, () -> vms);
    int admitted = 0;
    for (int uid = 0; uid < 100; uid++) {
      admitted += few.admit(Spoken.GRPC, new SourceIdentity.HostUser(uid)) ? 1 : 0;
    }
    assertThat(admitted).isEqualTo(30);
    assertThat(few.admit(Spoken.GRPC, vm("web", 3)))
        .as("a live VM's first, which is its own")
        .isTrue();
  }

  @Test
  void admit_components_eachHaveTheirFirstAndTakeNobodysRoom() {
    for (int i = 0; i < 1024; i++) {
      assertThat(limits.admit(Spoken.GRPC, component(i))).as("component " + i).isTrue();
    }
    assertThat(limits.hasRoomFor(Spoken.GRPC, component(1024))).as("beside 1024 others").isTrue();
    SourceIdentity user = new SourceIdentity.HostUser(1000);
    for (int i = 0; i < 8; i++) {
      assertThat(limits.admit(Spoken.GRPC, user)).isTrue();
    }
    for (int i = 1; i < 8; i++) {
      assertThat(limits.admit(Spoken.GRPC, component(0))).isTrue();
    }
    assertThat(limits.hasRoomFor(Spoken.GRPC, component(0))).isFalse();
    assertThat(limits.admit(Spoken.GRPC, component(0))).as("a ninth").isFalse();
    limits.left(Spoken.GRPC, component(0));
    assertThat(limits.hasRoomFor(Spoken.GRPC, component(0))).isTrue();
  }

  @Test
  void admit_componentsAndFewDescriptors_leaveFilesTheirs() {
    int descriptors = ConnectionLimits.OWN_DESCRIPTORS + ConnectionLimits.DESCRIPTORS_PER_VM + 20;
    ConnectionLimits few = new ConnectionLimits(8, 64, 8192, descriptors, () -> 1);
    int admitted = 0;
    for (int i = 0; i < 100; i++) {
      admitted += few.admit(Spoken.GRPC, component(i)) ? 1 : 0;
    }
    assertThat(admitted).as("of two descriptors each").isEqualTo(10);
    assertThat(few.admit(Spoken.GRPC, component(0))).as("a second").isFalse();
    assertThat(few.admit(Spoken.GRPC, vm("web", 3))).as("a live VM's first").isTrue();
  }

  private static SourceIdentity component(int number) {
    return new SourceIdentity.Component(ComponentId.parse("shop/cart-" + number), "", "");
  }

  @Test
  void admit_littleMemory_allowsNoMoreThanFit() {
    ConnectionLimits small = new ConnectionLimits(8, 64, 20, 65_536, () -> 100);
    int admitted = 0;
    for (int uid = 0; uid < 100; uid++) {
      admitted += small.admit(Spoken.GRPC, new SourceIdentity.HostUser(uid)) ? 1 : 0;
    }
    assertThat(admitted).isEqualTo(20);
    assertThat(small.admit(Spoken.GRPC, vm("web", 3))).as("a live VM's first").isTrue();
  }

  /** What systemd allows is enough for every connection there may be, beside 10 000 VMs. */
  @Test
  void unit_limitOfDescriptors_coversAllConnections() throws IOException {
    int limit =
        Files.readAllLines(Path.of("packaging/systemd/vmlog-forwarder.service")).stream()
            .filter(line -> line.startsWith("LimitNOFILE="))
            .mapToInt(line -> Integer.parseInt(line.substring("LimitNOFILE=".length())))
            .sum();
    assertThat(limit)
        .isGreaterThan(
            ConnectionLimits.OWN_DESCRIPTORS
                + ConnectionLimits.MAX_TOTAL
                + ConnectionLimits.MAX_COMPONENTS * ConnectionLimits.DESCRIPTORS_PER_COMPONENT
                + 10_000 * ConnectionLimits.DESCRIPTORS_PER_VM);
  }

  @Test
  void admit_newGeneration_isNotHeldUpByItsFormerLife() {
    SourceIdentity.Vm first = vm("web", 3);
    for (int i = 0; i < 8; i++) {
      assertThat(limits.admit(Spoken.GRPC, first)).isTrue();
    }
    assertThat(limits.admit(Spoken.GRPC, vm("web", 4))).isTrue();
  }
}
