package org.vmlog.lifecycle.dbus;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.vmlog.identity.VmId;
import org.vmlog.identity.VmSpec;
import org.vmlog.proto.concierge.ExtendedVmInfo;
import org.vmlog.proto.concierge.ListVmsResponse;
import org.vmlog.proto.concierge.VmInfo;
import org.vmlog.proto.concierge.VmType;

class VmListingTest {
  private static final byte[] LIST =
      ListVmsResponse.newBuilder()
          .setSuccess(true)
          .addVms(
              ExtendedVmInfo.newBuilder()
                  .setName("web-1")
                  .setOwnerId("alice")
                  .setVmInfo(VmInfo.newBuilder().setCid(42).setVmType(VmType.BOREALIS)))
          .addVms(
              ExtendedVmInfo.newBuilder()
                  .setName("web-2")
                  .setOwnerId("alice")
                  .setVmInfo(VmInfo.newBuilder().setCid(0xFFFF_FFFEL).setVmTypeValue(77)))
          .build()
          .toByteArray();

  @Test
  void parse_list_isItsVms() throws Exception {
    assertThat(VmListing.parse("alice", LIST))
        .isEqualTo(
            List.of(
                VmSpec.ofCid(new VmId("alice", "web-1"), 42).withType("borealis"),
                VmSpec.ofCid(new VmId("alice", "web-2"), 0xFFFF_FFFEL).withType("77")));
  }

  /** Bytes as protoc's own compiler does not make them: field numbers as concierge has them. */
  @Test
  void parse_bytesOfConcierge_haveItsFieldNumbers() throws Exception {
    byte[] bytes = {
      0x08, 1, // success
      0x1a, 18, // vms
      0x0a, 3, 'w', 'e', 'b', // name
      0x12, 5, 'a', 'l', 'i', 'c', 'e', // owner_id
      0x1a, 4, // vm_info
      0x18, 42, // cid
      0x30, 3, // vm_type
      0x20, 2, // status
    };

    bytes[3] = (byte) (bytes.length - 4);
    assertThat(VmListing.parse("alice", bytes))
        .containsExactly(VmSpec.ofCid(new VmId("alice", "web"), 42).withType("plugin_vm"));
  }

  @Test
  void parse_pluginVm_hasNoCid() throws Exception {
    ListVmsResponse response =
        ListVmsResponse.newBuilder()
            .setSuccess(true)
            .addVms(
                ExtendedVmInfo.newBuilder()
                    .setName("windows")
                    .setOwnerId("alice")
                    .setVmInfo(VmInfo.newBuilder().setVmType(VmType.PLUGIN_VM)))
            .build();

    assertThat(VmListing.parse("alice", response.toByteArray()))
        .containsExactly(VmSpec.named(new VmId("alice", "windows")).withType("plugin_vm"));
  }
}
