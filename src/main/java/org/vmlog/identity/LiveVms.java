package org.vmlog.identity;

import java.net.InetAddress;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The live generations at one moment, by everything they are looked up by, and all claims.
 * Immutable.
 *
 * @param byId in the order of the starts
 */
record LiveVms(
    Map<VmId, Generation> byId,
    Map<Long, Generation> byCid,
    Map<InetAddress, Generation> byAddress,
    List<Claim> claims) {

  static final LiveVms NONE = of(List.of(), List.of());

  static LiveVms of(List<Generation> live, List<Claim> claims) {
    Map<VmId, Generation> byId = new LinkedHashMap<>();
    Map<Long, Generation> byCid = new HashMap<>();
    Map<InetAddress, Generation> byAddress = new HashMap<>();
    live.stream()
        .sorted(Comparator.comparingLong(Generation::number))
        .forEach(
            generation -> {
              byId.put(generation.id(), generation);
              generation.cids().forEach(cid -> byCid.put(cid, generation));
              generation.addresses().forEach(address -> byAddress.put(address, generation));
            });
    return new LiveVms(
        Collections.unmodifiableMap(byId),
        Collections.unmodifiableMap(byCid),
        Collections.unmodifiableMap(byAddress),
        List.copyOf(claims));
  }
}
