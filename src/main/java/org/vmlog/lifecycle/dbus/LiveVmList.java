package org.vmlog.lifecycle.dbus;

import java.net.InetAddress;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.freedesktop.dbus.types.UInt32;
import org.freedesktop.dbus.types.UInt64;
import org.freedesktop.dbus.types.Variant;
import org.vmlog.identity.Claim;
import org.vmlog.identity.Generation;
import org.vmlog.identity.SourceRegistry;
import org.vmlog.sink.LogFileNaming;

/** The live VMs as D-Bus tells them, {@code aa{sv}}. Thread-safe. */
final class LiveVmList {
  private final SourceRegistry registry;
  private final LogFileNaming naming;
  private final Function<Generation, Optional<String>> hybridProblem;

  LiveVmList(
      SourceRegistry registry,
      LogFileNaming naming,
      Function<Generation, Optional<String>> hybridProblem) {
    this.registry = registry;
    this.naming = naming;
    this.hybridProblem = hybridProblem;
  }

  /** In the order of their starts. */
  List<Map<String, Variant<?>>> list() {
    List<Map<String, Variant<?>>> vms = new ArrayList<>();
    for (Generation vm : registry.live()) {
      vms.add(describe(vm));
    }
    return vms;
  }

  private Map<String, Variant<?>> describe(Generation vm) {
    Map<String, Variant<?>> values = new LinkedHashMap<>();
    values.put("owner", text(vm.id().owner()));
    values.put("name", text(vm.id().name()));
    if (vm.cid() != 0) {
      values.put("cid", new Variant<>(new UInt32(vm.cid()), "u"));
    }
    values.put("addresses", texts(vm.addresses().stream().map(InetAddress::getHostAddress)));
    vm.hybridVsock().ifPresent(path -> values.put("hybrid_vsock", text(path.toString())));
    hybridProblem.apply(vm).ifPresent(why -> values.put("hybrid_vsock_problem", text(why)));
    vm.claims().stream()
        .flatMap(claim -> claim.vm().type().stream())
        .findFirst()
        .ifPresent(type -> values.put("type", text(type)));
    boolean lease = vm.claims().stream().anyMatch(claim -> claim.lease().isPresent());
    values.put("lease", new Variant<>(lease, "b"));
    values.put(
        "claimed_by", texts(vm.claims().stream().map(Claim::claimant).map(Object::toString)));
    values.put("generation", new Variant<>(new UInt64(vm.number()), "t"));
    long micros = ChronoUnit.MICROS.between(Instant.EPOCH, vm.started());
    values.put("started", new Variant<>(new UInt64(micros), "t"));
    values.put("log", text(naming.path(vm.id()).toString()));
    values.put("crosvm_socket", text(naming.datagramSocket(vm.id()).path().toString()));
    values.put("grpc_socket", text(naming.grpcSocket(vm.id()).path().toString()));
    for (String kind : List.of("journal", "console", "syslog")) {
      values.put(kind + "_socket", text(naming.socket(vm.id(), kind).path().toString()));
    }
    return values;
  }

  private static Variant<String> text(String value) {
    return new Variant<>(value, "s");
  }

  private static Variant<List<String>> texts(Stream<String> values) {
    return new Variant<>(values.toList(), "as");
  }
}
