package org.vmlog.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.vmlog.identity.Change.Refusal.CLAIMED;
import static org.vmlog.identity.Change.Refusal.UNFIT;
import static org.vmlog.identity.Claimant.Source.CONCIERGE;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SourceRegistryTest {
  private static final VmId WEB = new VmId("alice", "web-1");
  private static final VmId DB = new VmId("alice", "db");

  private final SourceRegistry registry = new SourceRegistry();

  @Test
  void started_unknownVm_opensItUnderItsCid() {
    Change.Applied change = applied(started(VmSpec.ofCid(WEB, 42)));

    Generation web = only(change.opened());
    assertThat(change.closed()).isEmpty();
    assertThat(web.id()).isEqualTo(WEB);
    assertThat(web.cids()).containsExactly(42L);
    assertThat(registry.byCid(42)).containsSame(web);
    assertThat(registry.byId(WEB)).containsSame(web);
    assertThat(registry.live()).containsExactly(web);
    assertThat(registry.isLive(web)).isTrue();
  }

  @Test
  void started_liveVm_closesTheOldGenerationAndOpensANewOne() {
    Generation first = only(applied(started(VmSpec.ofCid(WEB, 42))).opened());

    Change.Applied change = applied(started(VmSpec.ofCid(WEB, 43)));

    Generation second = only(change.opened());
    assertThat(change.closed()).containsExactly(first);
    assertThat(second.number()).isGreaterThan(first.number());
    assertThat(registry.isLive(first)).isFalse();
    assertThat(registry.byCid(42)).isEmpty();
    assertThat(registry.byCid(43)).containsSame(second);
  }

  @Test
  void started_cidOfAnotherAnnouncedVm_closesThatVm() {
    Generation web = only(applied(started(VmSpec.ofCid(WEB, 42))).opened());

    Change.Applied change = applied(started(VmSpec.ofCid(DB, 42)));

    Generation db = only(change.opened());
    assertThat(change.closed()).containsExactly(web);
    assertThat(registry.byCid(42)).containsSame(db);
    assertThat(registry.byId(WEB)).isEmpty();
    assertThat(registry.live()).containsExactly(db);
  }

  @Test
  void started_cidOfAnAnnouncedAndConfiguredVm_leavesThatVmItsConfiguredPart() {
    registry.configure(withAddress(WEB, "10.0.7.2"));
    Generation merged = only(applied(started(VmSpec.ofCid(WEB, 42))).opened());

    Change.Applied change = applied(started(VmSpec.ofCid(DB, 42)));

    assertThat(change.closed()).containsExactly(merged);
    assertThat(change.opened()).extracting(Generation::id).containsExactly(WEB, DB);
    assertThat(registry.byCid(42).orElseThrow().id()).isEqualTo(DB);
    Generation web = registry.byId(WEB).orElseThrow();
    assertThat(web.cids()).isEmpty();
    assertThat(registry.byAddress(address("10.0.7.2"))).containsSame(web);
  }

  @Test
  void started_cidThatTheConfigurationGivesToAnother_isRefusedAndChangesNothing() {
    Generation web = only(applied(registry.configure(VmSpec.ofCid(WEB, 42))).opened());
    Generation db = only(applied(started(VmSpec.ofCid(DB, 50))).opened());

    Change change = started(VmSpec.ofCid(DB, 42));

    assertThat(change)
        .isEqualTo(
            new Change.Refused(
                CLAIMED, "alice/db cannot have CID 42, which is alice/web-1's by configuration"));
    assertThat(registry.live()).containsExactly(web, db);
    assertThat(registry.byCid(42)).containsSame(web);
    assertThat(registry.byCid(50)).containsSame(db);
  }

  @Test
  void started_addressThatTheConfigurationGivesToAnother_isRefused() throws Exception {
    registry.configure(withAddress(WEB, "10.0.7.2"));
    VmSpec mapped = VmSpec.ofCid(DB, 50).withAddresses(Set.of(mapped("10.0.7.2")));

    assertThat(started(mapped)).isInstanceOf(Change.Refused.class);
    assertThat(registry.byId(DB)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(longs = {Long.MIN_VALUE, -1, 0, 1, 2, 0xFFFF_FFFFL, 0x1_0000_0003L})
  void started_cidOfNoGuest_isRefused(long cid) {
    assertThat(started(VmSpec.ofCid(WEB, cid)))
        .isEqualTo(
            new Change.Refused(
                UNFIT, "alice/web-1 has CID %d, and a guest's is 3 to 4294967294".formatted(cid)));
    assertThat(registry.live()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(longs = {3, 0xFFFF_FFFEL})
  void started_firstAndLastCidOfAGuest_isGranted(long cid) {
    applied(started(VmSpec.ofCid(WEB, cid)));

    assertThat(registry.byCid(cid)).isPresent();
  }

  @Test
  void started_configuredVm_addsTheConfiguredToTheAnnounced() {
    Path hybrid = Path.of("/run/fc/web-1/v.sock");
    Generation fixed =
        only(
            applied(
                    registry.configure(
                        withAddress(WEB, "10.0.7.2").withCid(42).withHybridVsock(hybrid)))
                .opened());

    Change.Applied change = applied(started(VmSpec.ofCid(WEB, 99)));

    Generation merged = only(change.opened());
    assertThat(change.closed()).containsExactly(fixed);
    assertThat(merged.cids()).containsExactly(99L, 42L);
    assertThat(merged.cid()).isEqualTo(99);
    assertThat(merged.addresses()).isEqualTo(Set.of(address("10.0.7.2")));
    assertThat(merged.hybridVsock()).contains(hybrid);
    assertThat(registry.byCid(42)).containsSame(merged);
    assertThat(registry.byCid(99)).containsSame(merged);
    assertThat(registry.byAddress(address("10.0.7.2"))).containsSame(merged);
  }

  @Test
  void started_configuredVmWithItsOwnCid_hasThatCidOnce() {
    registry.configure(VmSpec.ofCid(WEB, 42));

    Change.Applied change = applied(started(VmSpec.ofCid(WEB, 42)));

    assertThat(only(change.opened()).cids()).containsExactly(42L);
  }

  @Test
  void stopped_announcedVm_closesIt() {
    Generation web = only(applied(started(VmSpec.ofCid(WEB, 42))).opened());

    Change.Applied change = applied(stopped(WEB, 42));

    assertThat(change.closed()).containsExactly(web);
    assertThat(change.opened()).isEmpty();
    assertThat(registry.live()).isEmpty();
    assertThat(registry.byCid(42)).isEmpty();
    assertThat(registry.isLive(web)).isFalse();
  }

  @Test
  void stopped_announcedAndConfiguredVm_leavesTheConfiguredPartAsANewGeneration() {
    registry.configure(VmSpec.ofCid(WEB, 42));
    Generation merged = only(applied(started(VmSpec.ofCid(WEB, 99))).opened());

    Change.Applied change = applied(stopped(WEB, 99));

    Generation fixed = only(change.opened());
    assertThat(change.closed()).containsExactly(merged);
    assertThat(fixed.cids()).containsExactly(42L);
    assertThat(registry.byCid(42)).containsSame(fixed);
    assertThat(registry.byCid(99)).isEmpty();
  }

  @Test
  void stopped_cidOfAnEarlierStart_isIgnored() {
    started(VmSpec.ofCid(WEB, 42));
    Generation second = only(applied(started(VmSpec.ofCid(WEB, 43))).opened());

    assertThat(stopped(WEB, 42))
        .isEqualTo(new Change.Ignored("alice/web-1 (CID 42) has CID 43 by now"));
    assertThat(registry.isLive(second)).isTrue();
  }

  @Test
  void stopped_vmThatOnlyTheConfigurationKnows_isIgnored() {
    Generation fixed = only(applied(registry.configure(VmSpec.ofCid(WEB, 42))).opened());

    assertThat(stopped(WEB, 42))
        .isEqualTo(new Change.Ignored("alice/web-1 (CID 42) was not announced"));
    assertThat(registry.isLive(fixed)).isTrue();
  }

  @Test
  void configure_vmOrCidOrAddressTwice_isRefused() {
    applied(registry.configure(withAddress(WEB, "10.0.7.2").withCid(42)));

    assertThat(registry.configure(VmSpec.ofCid(WEB, 50)))
        .isEqualTo(new Change.Refused(CLAIMED, "alice/web-1 is configured twice"));
    assertThat(registry.configure(VmSpec.ofCid(DB, 42))).isInstanceOf(Change.Refused.class);
    assertThat(registry.configure(withAddress(DB, "10.0.7.2"))).isInstanceOf(Change.Refused.class);
    assertThat(registry.live()).hasSize(1);
  }

  @Test
  void configure_cidOfAnAnnouncedVm_isRefused() {
    Generation web = only(applied(started(VmSpec.ofCid(WEB, 42))).opened());

    assertThat(registry.configure(VmSpec.ofCid(DB, 42))).isInstanceOf(Change.Refused.class);
    assertThat(registry.live()).containsExactly(web);
  }

  @Test
  void byAddress_ipv4InIpv6_findsTheVm() throws Exception {
    registry.configure(withAddress(WEB, "10.0.7.2"));

    assertThat(registry.byAddress(mapped("10.0.7.2"))).isPresent();
    assertThat(registry.byAddress(address("10.0.7.3"))).isEmpty();
  }

  @Test
  void withdraw_announcedGeneration_endsTheAnnouncement() {
    registry.configure(VmSpec.ofCid(WEB, 42));
    Generation merged = only(applied(started(VmSpec.ofCid(WEB, 99))).opened());

    Change.Applied change = applied(registry.withdraw(merged));

    assertThat(change.closed()).containsExactly(merged);
    assertThat(only(change.opened()).cids()).containsExactly(42L);
    assertThat(stopped(WEB, 99)).isInstanceOf(Change.Ignored.class);
  }

  @Test
  void withdraw_configuredGeneration_keepsItsClaimsButNotTheVm() {
    Generation fixed = only(applied(registry.configure(VmSpec.ofCid(WEB, 42))).opened());

    Change.Applied change = applied(registry.withdraw(fixed));

    assertThat(change).isEqualTo(new Change.Applied(List.of(fixed), List.of()));
    assertThat(registry.live()).isEmpty();
    assertThat(started(VmSpec.ofCid(DB, 42))).isInstanceOf(Change.Refused.class);
    applied(started(VmSpec.ofCid(WEB, 99)));
    assertThat(registry.byCid(42).orElseThrow().id()).isEqualTo(WEB);
  }

  @Test
  void withdraw_closedGeneration_isIgnored() {
    Generation first = only(applied(started(VmSpec.ofCid(WEB, 42))).opened());
    Generation second = only(applied(started(VmSpec.ofCid(WEB, 42))).opened());

    assertThat(registry.withdraw(first)).isInstanceOf(Change.Ignored.class);
    assertThat(registry.isLive(second)).isTrue();
  }

  private Change started(VmSpec vm) {
    return registry.started(Claim.of(CONCIERGE, vm));
  }

  private Change stopped(VmId id, long cid) {
    return registry.stopped(CONCIERGE, id, OptionalLong.of(cid));
  }

  private static Change.Applied applied(Change change) {
    assertThat(change).isInstanceOf(Change.Applied.class);
    return (Change.Applied) change;
  }

  private static Generation only(List<Generation> generations) {
    assertThat(generations).hasSize(1);
    return generations.get(0);
  }

  private static VmSpec withAddress(VmId id, String address) {
    return VmSpec.named(id).withAddresses(Set.of(address(address)));
  }

  private static InetAddress address(String literal) {
    try {
      return InetAddress.getByName(literal);
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException(literal, e);
    }
  }

  /** {@code ::ffff:a.b.c.d} as a real Inet6Address, which getByName never gives. */
  private static InetAddress mapped(String literal) throws Exception {
    byte[] bytes = new byte[16];
    bytes[10] = bytes[11] = (byte) 0xff;
    System.arraycopy(address(literal).getAddress(), 0, bytes, 12, 4);
    return Inet6Address.getByAddress(null, bytes, -1);
  }
}
