package org.vmlog.lifecycle.dbus;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.freedesktop.dbus.exceptions.DBusException;
import org.freedesktop.dbus.messages.DBusSignal;
import org.freedesktop.dbus.types.Variant;
import org.jspecify.annotations.Nullable;
import org.vmlog.bus.BusException;
import org.vmlog.bus.BusPeer;
import org.vmlog.identity.Claimant;
import org.vmlog.identity.VmId;
import org.vmlog.identity.VmSpec;

/**
 * systemd-machined (org.freedesktop.machine1(5)), which knows the VMs of systemd-vmspawn and of
 * whoever else registers there. Only root's are believed. Up to systemd 255 it does not tell their
 * CIDs: such a VM has its sockets and no more. Stateless.
 */
final class Machined implements VmService {
  private static final String NAME = "org.freedesktop.machine1";
  private static final String PATH = "/org/freedesktop/machine1";
  private static final String MANAGER = NAME + ".Manager";
  private static final String MACHINE = NAME + ".Machine";

  /** The owner of every VM of machined, whose names are unique on a host. */
  private static final String OWNER = "machined";

  private static final long FIRST_GUEST_CID = 3;
  private static final long VMADDR_CID_ANY = 0xFFFF_FFFFL; // for no CID
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  @Override
  public Claimant claimant() {
    return Claimant.Source.MACHINED;
  }

  @Override
  public String name() {
    return NAME;
  }

  /** It runs whenever there is a machine. */
  @Override
  public boolean isToBeStarted() {
    return false;
  }

  @Override
  public String signalInterface() {
    return MANAGER;
  }

  @Override
  public List<String> signals() {
    return List.of("MachineNew", "MachineRemoved");
  }

  /** Arguments: the machine's name, its path. */
  @Override
  public String subject(DBusSignal signal) throws DBusException {
    if (!PATH.equals(signal.getPath()) || !"so".equals(signal.getSig())) {
      throw new IllegalArgumentException(
          "its path is %s and its signature %s, not %s and so"
              .formatted(signal.getPath(), signal.getSig(), PATH));
    }
    return signal.getParameters()[1].toString();
  }

  @Override
  public List<String> list(BusPeer service) throws BusException {
    List<String> paths = new ArrayList<>();
    for (Object machine : (List<?>) service.call(PATIENCE, PATH, MANAGER, "ListMachines", "")[0]) {
      Object[] fields = (Object[]) machine; // name, class, service, path
      if ("vm".equals(fields[1])) {
        paths.add(fields[3].toString());
      }
    }
    return paths;
  }

  @Override
  public Optional<Running> look(BusPeer service, String path) throws BusException {
    Map<?, ?> properties =
        (Map<?, ?>)
            service
                .call(PATIENCE, path, "org.freedesktop.DBus.Properties", "GetAll", "s", MACHINE)[0];
    boolean roots = number(properties, "UID", 0) == 0; // older ones take root's alone
    if (!"vm".equals(text(properties, "Class"))
        || "closing".equals(text(properties, "State"))
        || !roots) {
      return Optional.empty();
    }
    VmSpec vm = VmSpec.named(new VmId(OWNER, text(properties, "Name")));
    long cid = number(properties, "VSockCID", VMADDR_CID_ANY);
    if (cid >= FIRST_GUEST_CID && cid < VMADDR_CID_ANY) {
      vm = vm.withCid(cid);
    }
    String registrar = text(properties, "Service");
    if (!registrar.isEmpty()) {
      vm = vm.withType(registrar);
    }
    String start =
        number(properties, "Leader", 0) + "@" + number(properties, "TimestampMonotonic", 0);
    return Optional.of(new Running(vm, start));
  }

  private static String text(Map<?, ?> properties, String name) {
    return value(properties, name) instanceof String text ? text : "";
  }

  private static long number(Map<?, ?> properties, String name, long absent) {
    return value(properties, name) instanceof Number number ? number.longValue() : absent;
  }

  private static @Nullable Object value(Map<?, ?> properties, String name) {
    return properties.get(name) instanceof Variant<?> variant ? variant.getValue() : null;
  }
}
