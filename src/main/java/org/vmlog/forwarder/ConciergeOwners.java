package org.vmlog.forwarder;

import java.io.IOException;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.vmlog.identity.Claim;
import org.vmlog.identity.Claimant;
import org.vmlog.identity.SourceRegistry;
import org.vmlog.identity.VmSpec;
import org.vmlog.sink.LogFileNaming;

/**
 * Whose VMs concierge is asked for, since it lists none without being told an owner: those it has
 * told of, in this run or one before, those of the configuration, and those who have logs.
 * Thread-safe.
 */
final class ConciergeOwners implements Supplier<Collection<String>> {
  private static final Logger LOG = LoggerFactory.getLogger(ConciergeOwners.class);

  private final List<VmSpec> configured;
  private final SourceRegistry registry;
  private final SavedVms saved;
  private final LogFileNaming naming;

  ConciergeOwners(
      List<VmSpec> configured, SourceRegistry registry, SavedVms saved, LogFileNaming naming) {
    this.configured = configured;
    this.registry = registry;
    this.saved = saved;
    this.naming = naming;
  }

  @Override
  public Collection<String> get() {
    Set<String> owners = new LinkedHashSet<>();
    for (Claim claim : registry.claims()) {
      if (claim.claimant() == Claimant.Source.CONCIERGE) {
        owners.add(claim.id().owner());
      }
    }
    owners.addAll(saved.owners());
    configured.forEach(vm -> owners.add(vm.id().owner()));
    try {
      owners.addAll(naming.ownersWithLogs());
    } catch (IOException e) {
      LOG.warn("the log folder does not say whose logs there are: {}", e.toString());
    }
    return owners;
  }
}
