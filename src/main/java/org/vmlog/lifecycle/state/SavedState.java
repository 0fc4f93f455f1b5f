package org.vmlog.lifecycle.state;

import java.util.List;
import org.vmlog.identity.RegistryState;

/**
 * What the file holds. Immutable.
 *
 * @param bootId the boot of the host in which these VMs run: CIDs of another mean nothing
 * @param owners whose VMs concierge has told of, the one heard of last at the end; concierge lists
 *     VMs by owner only, so whoever is forgotten is not asked for
 */
record SavedState(String bootId, RegistryState vms, List<String> owners) {
  SavedState {
    owners = List.copyOf(owners);
  }
}
