package org.vmlog.config;

import java.net.InetAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.regex.Pattern;
import org.vmlog.identity.VmId;
import org.vmlog.identity.VmSpec;
import org.vmlog.logs.Layout;

/**
 * The {@code [[vm]]} tables. What names a VM may name no other one: neither its owner and name, nor
 * its CID, its address or its socket. Confined to one thread.
 */
final class VmSection {
  /** The highest of the reserved numbers; the others are 0, 1 and 2, vsock(7). */
  private static final long VMADDR_CID_ANY = 0xFFFF_FFFFL;

  private static final Pattern CHROMEOS_OWNER = Pattern.compile("[0-9a-fA-F]{1,64}");

  private final Layout layout;
  private final ValueType<InetAddress> addressType;
  private final ConfigErrors errors;

  /** What is taken, as a list of its kind and value, and where it was. */
  private final Map<List<?>, Setting> taken = new HashMap<>();

  VmSection(Layout layout, boolean loopbackMayName, HostFacts host, ConfigErrors errors) {
    this.layout = layout;
    this.addressType = new PeerAddressType(loopbackMayName, host);
    this.errors = errors;
  }

  List<VmSpec> read(List<TomlView.Entry> entries) {
    List<VmSpec> vms = new ArrayList<>();
    for (TomlView.Entry entry : entries) {
      read(entry).ifPresent(vms::add);
    }
    return vms;
  }

  private Optional<VmSpec> read(TomlView.Entry entry) {
    TomlView vm = entry.view();
    Optional<String> owner = required(entry, "owner", this::parseOwner);
    Optional<String> name = required(entry, "name", ValueTypes.TEXT);
    Optional<Long> cid = vm.get("cid", VmSection::parseCid);
    Optional<InetAddress> address = vm.get("address", addressType);
    Optional<Path> hybrid = vm.get("hybrid_vsock", ValueTypes.ABSOLUTE_PATH).map(Path::normalize);
    cid.ifPresent(value -> claim(vm, "cid", value));
    address.ifPresent(value -> claim(vm, "address", value));
    hybrid.ifPresent(value -> claim(vm, "hybrid_vsock", value));
    if (owner.isEmpty() || name.isEmpty()) {
      return Optional.empty();
    }
    VmId id = new VmId(owner.get(), name.get());
    claim(vm, "name", id);
    return Optional.of(
        new VmSpec(
            id,
            cid.isPresent() ? OptionalLong.of(cid.get()) : OptionalLong.empty(),
            address.map(Set::of).orElse(Set.of()),
            hybrid,
            Optional.empty()));
  }

  private <T> Optional<T> required(TomlView.Entry entry, String key, ValueType<T> type) {
    if (entry.view().find(key).isEmpty()) {
      errors.add(entry.at().lacks(key, "missing; every [[vm]] has an owner and a name"));
    }
    return entry.view().get(key, type);
  }

  private void claim(TomlView vm, String key, Object value) {
    Setting here = vm.find(key).orElseThrow();
    Setting first = taken.putIfAbsent(List.of(key, value), here);
    if (first != null) {
      String what = value instanceof VmId id ? "the VM " + id : "this " + key;
      errors.add(here.refused(what + " is already at " + first.where()));
    }
  }

  private String parseOwner(Object toml) throws BadValueException {
    String owner = ValueTypes.TEXT.parse(toml);
    if (layout == Layout.CHROMEOS && !CHROMEOS_OWNER.matcher(owner).matches()) {
      throw new BadValueException(
          "1 to 64 hexadecimal digits, as logs.layout = \"chromeos\" has its owners");
    }
    return owner;
  }

  private static Long parseCid(Object toml) throws BadValueException {
    long cid = toml instanceof Long value ? value : -1;
    if (cid >= 3 && cid < VMADDR_CID_ANY) {
      return cid;
    }
    throw new BadValueException("a whole number from 3 to 4294967294" + reservedFor(cid));
  }

  private static String reservedFor(long cid) {
    if (cid == 0) {
      return " (0 is the hypervisor)";
    } else if (cid == 1) {
      return " (1 is the host's own loopback)";
    } else if (cid == 2) {
      return " (2 is the host)";
    }
    return cid == VMADDR_CID_ANY ? " (4294967295 is VMADDR_CID_ANY, any guest)" : "";
  }
}
