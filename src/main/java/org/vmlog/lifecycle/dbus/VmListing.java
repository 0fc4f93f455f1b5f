package org.vmlog.lifecycle.dbus;

import com.google.protobuf.InvalidProtocolBufferException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.vmlog.bus.BusException;
import org.vmlog.bus.BusPeer;
import org.vmlog.identity.VmId;
import org.vmlog.identity.VmSpec;
import org.vmlog.proto.concierge.ExtendedVmInfo;
import org.vmlog.proto.concierge.ListVmsRequest;
import org.vmlog.proto.concierge.ListVmsResponse;
import org.vmlog.proto.concierge.VmInfo;
import org.vmlog.proto.concierge.VmType;

/**
 * Asks concierge for the VMs of one owner. Only what it answers as a whole is believed. Stateless.
 */
final class VmListing {
  private static final String MEMBER = "ListVms";

  private VmListing() {}

  /**
   * Asks, and waits for the answer.
   *
   * @param concierge the one to ask, by its unique name, so that nobody else may answer
   * @throws BusException if it does not answer, or with an error
   * @throws InvalidProtocolBufferException if the answer is no protobuf
   * @throws IllegalArgumentException if it is no answer to this question
   */
  static List<VmSpec> ask(BusPeer concierge, String owner, Duration patience)
      throws BusException, InvalidProtocolBufferException {
    byte[] request = ListVmsRequest.newBuilder().setOwnerId(owner).build().toByteArray();
    Object[] answer =
        concierge.call(patience, Concierge.PATH, Concierge.NAME, MEMBER, "ay", (Object) request);
    return parse(owner, Concierge.payload(answer));
  }

  static List<VmSpec> parse(String owner, byte[] payload) throws InvalidProtocolBufferException {
    ListVmsResponse response = ListVmsResponse.parseFrom(payload);
    if (!response.getSuccess()) {
      throw new IllegalArgumentException("it failed: " + response.getFailureReason());
    }
    List<VmSpec> vms = new ArrayList<>();
    for (ExtendedVmInfo vm : response.getVmsList()) {
      if (!vm.getOwnerId().equals(owner)) {
        throw new IllegalArgumentException(
            "it lists a VM of \"%s\" among those of \"%s\"".formatted(vm.getOwnerId(), owner));
      }
      VmId id = new VmId(owner, vm.getName());
      VmInfo info = vm.getVmInfo();
      // Of any other kind it is no CID, which is refused, and the VM stays as it was announced.
      boolean without = info.getCid() == 0 && info.getVmType() == VmType.PLUGIN_VM;
      VmSpec listed = without ? VmSpec.named(id) : VmSpec.ofCid(id, info.getCid());
      vms.add(listed.withType(VmTypes.name(info.getVmTypeValue())));
    }
    return vms;
  }
}
