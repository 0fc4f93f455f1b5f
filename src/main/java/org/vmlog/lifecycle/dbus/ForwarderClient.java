package org.vmlog.lifecycle.dbus;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.freedesktop.dbus.types.UInt32;
import org.freedesktop.dbus.types.Variant;
import org.vmlog.bus.BusClient;
import org.vmlog.bus.BusErrors;
import org.vmlog.bus.BusException;
import org.vmlog.identity.ComponentId;
import org.vmlog.identity.SourceIdentity;

/** Calls {@code org.vmlog.Forwarder1} from another process. Confined to one thread. */
public final class ForwarderClient implements AutoCloseable {
  private static final BusClient.Target FORWARDER =
      new BusClient.Target(
          ForwarderObject.INTERFACE, ForwarderObject.PATH, ForwarderObject.INTERFACE);

  /** The bus may have to start it first. */
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final BusClient bus;

  private ForwarderClient(BusClient bus) {
    this.bus = bus;
  }

  /** Connects to the bus; whether there is a forwarder shows when it is called. */
  public static ForwarderClient connect(String busAddress) throws BusException {
    return new ForwarderClient(BusClient.connect(busAddress));
  }

  /**
   * What is said of a VM; whether it makes sense the forwarder decides.
   *
   * @param lease whether the claim ends with this connection
   */
  public record Announcement(
      String owner,
      String name,
      OptionalLong cid,
      Optional<String> address,
      Optional<String> hybridVsock,
      Optional<String> type,
      boolean lease) {}

  /** Announces a VM; returns when its sockets are open. */
  public void register(Announcement vm) throws BusException {
    Map<String, Variant<?>> values = new LinkedHashMap<>();
    values.put("owner", new Variant<>(vm.owner(), "s"));
    values.put("name", new Variant<>(vm.name(), "s"));
    vm.cid().ifPresent(cid -> values.put("cid", new Variant<>(new UInt32(cid), "u")));
    vm.address().ifPresent(address -> values.put("address", new Variant<>(address, "s")));
    vm.hybridVsock().ifPresent(path -> values.put("hybrid_vsock", new Variant<>(path, "s")));
    vm.type().ifPresent(type -> values.put("type", new Variant<>(type, "s")));
    values.put("lease", new Variant<>(vm.lease(), "b"));
    call("RegisterVm", "a{sv}", values);
  }

  /** Takes back what this user announced. */
  public void unregister(String owner, String name) throws BusException {
    call("UnregisterVm", "ss", owner, name);
  }

  /** The live VMs: strings, numbers, booleans and lists of strings, by the keys of ListVms. */
  public List<Map<String, Object>> list() throws BusException {
    List<Map<String, Object>> vms = new ArrayList<>();
    for (Object vm : (List<?>) call("ListVms", "")[0]) {
      vms.add(plain((Map<?, ?>) vm));
    }
    return vms;
  }

  /**
   * What a VM has sent: numbers, and maps of numbers, by the keys of GetStatistics; empty if no
   * such VM has been live lately.
   */
  public Optional<Map<String, Object>> statistics(String owner, String name) throws BusException {
    return statistics("GetStatistics", "ss", owner, name);
  }

  /** The same of a component. */
  public Optional<Map<String, Object>> statistics(ComponentId component) throws BusException {
    return statistics(
        "GetComponentStatistics",
        "ass",
        component.realm().labels().toArray(String[]::new),
        component.name());
  }

  /** The same of a user of this host. */
  public Optional<Map<String, Object>> statistics(SourceIdentity.HostUser user)
      throws BusException {
    return statistics("GetUserStatistics", "u", new UInt32(Integer.toUnsignedLong(user.uid())));
  }

  private Optional<Map<String, Object>> statistics(
      String member, String signature, Object... source) throws BusException {
    try {
      return Optional.of(plain((Map<?, ?>) call(member, signature, source)[0]));
    } catch (BusException e) {
      if (e.name().equals(BusErrors.NOT_FOUND)) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /** What the forwarder counts: numbers, maps and lists of numbers, by the keys of GetCounters. */
  public Map<String, Object> counters() throws BusException {
    return plain((Map<?, ?>) call("GetCounters", "")[0]);
  }

  private static Map<String, Object> plain(Map<?, ?> values) {
    Map<String, Object> plain = new LinkedHashMap<>();
    values.forEach((key, value) -> plain.put((String) key, plain(value)));
    return plain;
  }

  private static Object plain(Object value) {
    if (value instanceof Variant<?> variant) {
      return plain(variant.getValue());
    }
    if (value instanceof Map<?, ?> map) {
      return plain(map);
    }
    if (value instanceof List<?> list) {
      return list.stream().map(ForwarderClient::plain).toList();
    }
    return value instanceof Number number ? Long.valueOf(number.longValue()) : value;
  }

  private Object[] call(String member, String signature, Object... arguments) throws BusException {
    return bus.call(FORWARDER, PATIENCE, member, signature, arguments);
  }

  /** Returns when the connection to the bus is no more. May be called on another thread. */
  public void awaitLoss() throws InterruptedException {
    bus.awaitLoss();
  }

  @Override
  public void close() {
    bus.close();
  }
}
