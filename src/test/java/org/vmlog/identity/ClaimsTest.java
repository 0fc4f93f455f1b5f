package org.vmlog.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.vmlog.identity.Change.Refusal.CLAIMED;
import static org.vmlog.identity.Claimant.Source.CONCIERGE;
import static org.vmlog.identity.Claimant.Source.CONFIGURATION;
import static org.vmlog.identity.Claimant.Source.LIBVIRT;
import static org.vmlog.identity.Claimant.Source.MACHINED;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What one claimant has, no other gets, whoever was first. */
class ClaimsTest {
  private static final VmId WEB = new VmId("alice", "web-1");
  private static final VmId DB = new VmId("alice", "db");
  private static final Claimant ALICE = new Claimant.HostUser(1000);
  private static final Claimant BOB = new Claimant.HostUser(1001);

  private final SourceRegistry registry = new SourceRegistry();

  @Test
  void started_vmOfAnotherClaimant_isRefusedAsClaimed() {
    assertApplied(registry.started(Claim.of(CONCIERGE, VmSpec.ofCid(WEB, 42))));
    Generation web = registry.byId(WEB).orElseThrow();

    assertThat(registry.started(Claim.of(ALICE, VmSpec.ofCid(WEB, 43))))
        .isEqualTo(
            new Change.Refused(CLAIMED, "alice/web-1 is concierge's, and uid:1000 cannot have it"));
    assertThat(registry.live()).containsExactly(web);
  }

  @Test
  void started_cidOfAnotherClaimantsVm_isRefusedAsClaimed() {
    assertApplied(registry.started(Claim.of(MACHINED, VmSpec.ofCid(WEB, 42))));
    Generation web = registry.byId(WEB).orElseThrow();

    assertThat(registry.started(Claim.of(CONCIERGE, VmSpec.ofCid(DB, 42))))
        .isEqualTo(
            new Change.Refused(
                CLAIMED, "alice/db cannot have CID 42, which is alice/web-1's by machined"));
    assertThat(registry.live()).containsExactly(web);
  }

  @Test
  void started_addressOfAnotherClaimantsVm_isRefusedAsClaimed() throws Exception {
    assertApplied(registry.started(Claim.of(LIBVIRT, withAddresses(WEB, "10.0.7.2", "10.0.7.3"))));

    assertThat(registry.started(Claim.of(BOB, withAddresses(DB, "10.0.7.4", "10.0.7.3"))))
        .isEqualTo(
            new Change.Refused(
                CLAIMED,
                "alice/db cannot have address 10.0.7.3, which is alice/web-1's by libvirt"));
  }

  @Test
  void started_hybridVsockOfAnotherClaimantsVm_isRefusedAsClaimed() {
    Path socket = Path.of("/run/fc/web/v.sock");
    assertApplied(registry.started(Claim.of(ALICE, VmSpec.named(WEB).withHybridVsock(socket))));

    assertThat(
            registry.started(
                Claim.of(BOB, VmSpec.named(DB).withHybridVsock(Path.of("/run/fc/./web/v.sock")))))
        .isEqualTo(
            new Change.Refused(
                CLAIMED,
                "alice/db cannot have hybrid vsock /run/fc/web/v.sock,"
                    + " which is alice/web-1's by uid:1000"));
  }

  @Test
  void started_afterTheClaimantReleasedIt_isGrantedToAnother() {
    assertApplied(registry.started(Claim.of(ALICE, VmSpec.ofCid(WEB, 42))));
    assertApplied(registry.stopped(ALICE, WEB, OptionalLong.empty()));

    assertApplied(registry.started(Claim.of(BOB, VmSpec.ofCid(WEB, 42))));
    assertThat(registry.claims()).containsExactly(Claim.of(BOB, VmSpec.ofCid(WEB, 42)));
  }

  @Test
  void started_sameClaimantsCid_replacesItsOlderClaim() {
    assertApplied(registry.started(Claim.of(ALICE, VmSpec.ofCid(WEB, 42))));
    Generation web = registry.byId(WEB).orElseThrow();

    Change change = registry.started(Claim.of(ALICE, VmSpec.ofCid(DB, 42)));

    Generation db = registry.byId(DB).orElseThrow();
    assertThat(change).isEqualTo(new Change.Applied(List.of(web), List.of(db)));
    assertThat(registry.claims()).containsExactly(Claim.of(ALICE, VmSpec.ofCid(DB, 42)));
  }

  @Test
  void started_configuredVm_isSharedWithOneClaimantOnly() {
    assertApplied(registry.configure(VmSpec.ofCid(WEB, 42)));

    assertApplied(registry.started(Claim.of(ALICE, VmSpec.ofCid(WEB, 50))));

    assertThat(registry.started(Claim.of(CONCIERGE, VmSpec.ofCid(WEB, 51))))
        .isInstanceOf(Change.Refused.class);
    assertThat(registry.byId(WEB).orElseThrow().cids()).containsExactly(50L, 42L);
    assertThat(registry.byId(WEB).orElseThrow().claims())
        .extracting(Claim::claimant)
        .containsExactly(ALICE, CONFIGURATION);
  }

  @Test
  void stopped_vmOfAnotherClaimant_isIgnored() {
    assertApplied(registry.started(Claim.of(ALICE, VmSpec.ofCid(WEB, 42))));
    Generation web = registry.byId(WEB).orElseThrow();

    assertThat(registry.stopped(CONCIERGE, WEB, OptionalLong.of(42)))
        .isEqualTo(new Change.Ignored("alice/web-1 is uid:1000's, and not concierge's"));
    assertThat(registry.stopped(BOB, WEB, OptionalLong.empty()))
        .isEqualTo(new Change.Ignored("alice/web-1 is uid:1000's, and not uid:1001's"));
    assertThat(registry.isLive(web)).isTrue();
  }

  @Test
  void claims_ofAVmThatCouldNotBeOpened_areOfTheConfigurationAlone() {
    assertApplied(registry.configure(VmSpec.ofCid(WEB, 42)));
    assertApplied(registry.started(Claim.of(ALICE, VmSpec.ofCid(DB, 50))));

    assertApplied(registry.withdraw(registry.byId(WEB).orElseThrow()));
    assertApplied(registry.withdraw(registry.byId(DB).orElseThrow()));

    assertThat(registry.claims()).containsExactly(Claim.of(CONFIGURATION, VmSpec.ofCid(WEB, 42)));
  }

  private static void assertApplied(Change change) {
    assertThat(change).isInstanceOf(Change.Applied.class);
  }

  private static VmSpec withAddresses(VmId id, String one, String other)
      throws UnknownHostException {
    return VmSpec.named(id)
        .withAddresses(Set.of(InetAddress.getByName(one), InetAddress.getByName(other)));
  }
}
