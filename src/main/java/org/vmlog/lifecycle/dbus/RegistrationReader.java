package org.vmlog.lifecycle.dbus;

import static org.vmlog.lifecycle.dbus.ForwarderErrors.invalid;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.freedesktop.dbus.FileDescriptor;
import org.vmlog.bus.BusErrors;
import org.vmlog.bus.BusException;
import org.vmlog.bus.BusRequest;
import org.vmlog.bus.NamedValues;
import org.vmlog.identity.VmId;
import org.vmlog.identity.VmSpec;
import org.vmlog.lifecycle.HandedSockets.Sockets;
import org.vmlog.platform.DatagramListener;
import org.vmlog.platform.Descriptor;
import org.vmlog.wire.ListeningSocket;

/**
 * Reads the argument of RegisterVm. A key that is unknown, of another type or with an impossible
 * value is an error that says what was allowed; descriptors that were taken by then are closed.
 * Immutable.
 */
final class RegistrationReader {
  private static final int MAX_NAME_BYTES = 255;
  private static final int MAX_TYPE_BYTES = 64;
  private static final long FIRST_GUEST_CID = 3;
  private static final long LAST_GUEST_CID = 0xFFFF_FFFEL;

  private final Function<String, InetAddress> addresses;

  /**
   * @param addresses reads an address that may name a VM; what it throws (IllegalArgumentException)
   *     says what is allowed
   */
  RegistrationReader(Function<String, InetAddress> addresses) {
    this.addresses = addresses;
  }

  Registration read(BusRequest request) throws BusException {
    NamedValues values = NamedValues.of(request.arguments("a{sv}")[0]);
    VmSpec vm = VmSpec.named(new VmId(name(values, "owner"), name(values, "name")));
    Optional<Number> cid = values.take("cid", "u", Number.class);
    if (cid.isPresent()) {
      vm = vm.withCid(cid(cid.get().longValue()));
    }
    Optional<String> address = values.take("address", "s", String.class);
    if (address.isPresent()) {
      vm = vm.withAddresses(Set.of(address(address.get())));
    }
    Optional<String> hybrid = values.take("hybrid_vsock", "s", String.class);
    if (hybrid.isPresent()) {
      vm = vm.withHybridVsock(path("hybrid_vsock", hybrid.get()));
    }
    Optional<String> type = values.take("type", "s", String.class);
    if (type.isPresent()) {
      vm = vm.withType(text("type", type.get(), MAX_TYPE_BYTES));
    }
    boolean lease = values.take("lease", "b", Boolean.class).orElse(false);
    Optional<FileDescriptor> datagrams = values.take("crosvm_socket", "h", FileDescriptor.class);
    Optional<FileDescriptor> listener = values.take("hybrid_listener", "h", FileDescriptor.class);
    values.requireAllTaken();
    return new Registration(vm, lease, sockets(request, vm.id(), datagrams, listener));
  }

  private static String name(NamedValues values, String key) throws BusException {
    Optional<String> name = values.take(key, "s", String.class);
    if (name.isEmpty()) {
      throw new BusException(
          BusErrors.INVALID_ARGUMENT, key + " is missing; every VM has an owner and a name");
    }
    return text(key, name.get(), MAX_NAME_BYTES);
  }

  private static String text(String key, String value, int maxBytes) throws BusException {
    int bytes = value.getBytes(StandardCharsets.UTF_8).length;
    if (bytes == 0 || bytes > maxBytes) {
      throw invalid(key, NamedValues.shown(value), "a string of 1 to " + maxBytes + " bytes");
    }
    return value;
  }

  private static long cid(long cid) throws BusException {
    if (cid < FIRST_GUEST_CID || cid > LAST_GUEST_CID) {
      throw invalid(
          "cid", Long.toString(cid), "a guest's, " + FIRST_GUEST_CID + " to " + LAST_GUEST_CID);
    }
    return cid;
  }

  private InetAddress address(String address) throws BusException {
    try {
      return addresses.apply(address);
    } catch (IllegalArgumentException e) {
      throw invalid("address", NamedValues.shown(address), String.valueOf(e.getMessage()));
    }
  }

  private static Path path(String key, String value) throws BusException {
    try {
      if (Path.of(value).isAbsolute()) {
        return Path.of(value);
      }
    } catch (InvalidPathException e) {
      // Told below: one that the locale cannot express.
    }
    throw invalid(key, NamedValues.shown(value), "an absolute path");
  }

  private static Sockets sockets(
      BusRequest request,
      VmId id,
      Optional<FileDescriptor> datagrams,
      Optional<FileDescriptor> listener)
      throws BusException {
    Optional<DatagramListener> adopted = Optional.empty();
    if (datagrams.isPresent()) {
      adopted =
          Optional.of(
              adopt(
                  request,
                  "crosvm_socket",
                  datagrams.get(),
                  socket -> DatagramListener.adopt(socket, "the datagram socket of " + id)));
    }
    Sockets first = new Sockets(adopted, Optional.empty());
    try {
      Optional<ListeningSocket> second = Optional.empty();
      if (listener.isPresent()) {
        second =
            Optional.of(adopt(request, "hybrid_listener", listener.get(), ListeningSocket::of));
      }
      if (request.untaken() > 0) {
        throw new BusException(
            BusErrors.INVALID_ARGUMENT,
            "descriptors came that no key names: " + request.untaken() + "; allowed are none");
      }
      return new Sockets(adopted, second);
    } catch (BusException e) {
      first.close();
      throw e;
    }
  }

  private interface Adopter<T> {
    T adopt(Descriptor descriptor) throws IOException;
  }

  private static <T> T adopt(
      BusRequest request, String key, FileDescriptor handle, Adopter<T> adopter)
      throws BusException {
    Descriptor descriptor = request.take(handle);
    try {
      return adopter.adopt(descriptor);
    } catch (IOException e) {
      descriptor.closeQuietly();
      throw new BusException(
          BusErrors.INVALID_ARGUMENT, key + " is of another kind: " + e.getMessage());
    }
  }
}
