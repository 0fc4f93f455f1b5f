package org.vmlog.lifecycle.dbus;

import com.google.protobuf.InvalidProtocolBufferException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.freedesktop.dbus.connections.impl.DBusConnection;
import org.freedesktop.dbus.exceptions.DBusException;
import org.freedesktop.dbus.messages.Error;
import org.freedesktop.dbus.messages.Message;
import org.freedesktop.dbus.messages.MethodCall;
import org.vmlog.identity.VmId;
import org.vmlog.identity.VmSpec;
import org.vmlog.proto.concierge.ExtendedVmInfo;
import org.vmlog.proto.concierge.ListVmsRequest;
import org.vmlog.proto.concierge.ListVmsResponse;

/**
 * Asks concierge for the VMs of one owner. Only what it answers as a whole is believed. Stateless.
 */
final class VmListing {
  private static final String MEMBER = "ListVms";

  private VmListing() {}

  /**
   * Asks, and waits for the answer.
   *
   * @param concierge the unique name of the one to ask, who alone may answer
   * @throws DBusException if it does not answer, or with an error
   * @throws InvalidProtocolBufferException if the answer is no protobuf
   * @throws IllegalArgumentException if it is no answer to this question
   */
  static List<VmSpec> ask(DBusConnection bus, String concierge, String owner, Duration patience)
      throws DBusException, InvalidProtocolBufferException {
    byte[] request = ListVmsRequest.newBuilder().setOwnerId(owner).build().toByteArray();
    MethodCall call =
        bus.getMessageFactory()
            .createMethodCall(
                null, concierge, Concierge.PATH, Concierge.NAME, MEMBER, (byte) 0, "ay", request);
    bus.sendMessage(call);
    Message reply = call.getReply(patience.toMillis());
    if (reply == null) {
      throw new DBusException("no answer in %d s".formatted(patience.toSeconds()));
    }
    return parse(concierge, owner, reply);
  }

  static List<VmSpec> parse(String concierge, String owner, Message reply)
      throws DBusException, InvalidProtocolBufferException {
    if (reply instanceof Error error) {
      throw new DBusException(error.getName());
    }
    // dbus-daemon passes on a reply from none but the peer that was called; this is for others.
    if (!concierge.equals(reply.getSource())) {
      throw new IllegalArgumentException(
          "%s answered, not %s".formatted(reply.getSource(), concierge));
    }
    return parse(owner, Concierge.payload(reply));
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
      vms.add(
          VmSpec.ofCid(id, vm.getVmInfo().getCid())
              .withType(VmTypes.name(vm.getVmInfo().getVmTypeValue())));
    }
    return vms;
  }
}
