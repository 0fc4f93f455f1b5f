package org.vmlog.identity;

import java.net.InetAddress;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What is known of one VM and from whom: the configuration, a launcher's announcement, or both.
 * Confined to the lifecycle thread.
 */
final class KnownVm {
  final VmId id;
  @Nullable VmSpec configured;
  @Nullable VmSpec announced;
  @Nullable Generation live;

  KnownVm(VmId id) {
    this.id = id;
  }

  /** Whether anybody still vouches for this VM. */
  boolean isClaimed() {
    return configured != null || announced != null;
  }

  /** A start of this VM with everything known of it, the announced before the configured. */
  Generation generation(long number) {
    Set<Long> cids = new LinkedHashSet<>();
    Set<InetAddress> addresses = new LinkedHashSet<>();
    for (VmSpec spec : specs()) {
      spec.cid().ifPresent(cids::add);
      spec.address().map(Addresses::normalise).ifPresent(addresses::add);
    }
    Optional<Path> hybridVsock =
        specs().stream().flatMap(spec -> spec.hybridVsock().stream()).findFirst();
    return new Generation(id, number, List.copyOf(cids), addresses, hybridVsock);
  }

  private List<VmSpec> specs() {
    return Stream.of(Optional.ofNullable(announced), Optional.ofNullable(configured))
        .flatMap(Optional::stream)
        .toList();
  }
}
