package org.vmlog.forwarder;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.vmlog.config.ForwarderConfig;
import org.vmlog.identity.Claimant;
import org.vmlog.identity.RegistryState;
import org.vmlog.lifecycle.VmMemory;
import org.vmlog.lifecycle.state.StateStore;
import org.vmlog.platform.BootId;
import org.vmlog.platform.FolderLock;
import org.vmlog.platform.Threads;

/**
 * What is remembered of VMs, where it can be: lines are written whether VMs are remembered or not.
 * Thread-safe.
 */
final class SavedVms implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SavedVms.class);

  private final @Nullable StateStore store;

  private SavedVms(@Nullable StateStore store) {
    this.store = store;
  }

  /**
   * Reads what there is.
   *
   * @throws FolderLock.HeldException if another forwarder has the folder
   */
  static SavedVms open(Path directory) throws FolderLock.HeldException {
    ScheduledThreadPoolExecutor thread = Threads.timer("vmlog-state");
    try {
      return new SavedVms(StateStore.open(directory, BootId.read(), thread));
    } catch (FolderLock.HeldException e) {
      throw e;
    } catch (IOException e) {
      LOG.warn("VMs will not be remembered across a restart: {}", e.getMessage());
      return new SavedVms(null);
    }
  }

  /**
   * What was live before, but for what nobody could ever take back, because its claimant is not
   * listened to any more.
   */
  RegistryState recalled(ForwarderConfig.Dbus dbus) {
    return store == null
        ? RegistryState.NONE
        : store.recalled().onlyOf(claimant -> isListenedTo(claimant, dbus));
  }

  private static boolean isListenedTo(Claimant claimant, ForwarderConfig.Dbus dbus) {
    if (claimant == Claimant.Source.CONFIGURATION) {
      return true;
    }
    return dbus.address().isPresent()
        && (claimant != Claimant.Source.CONCIERGE || dbus.concierge())
        && (claimant != Claimant.Source.MACHINED || dbus.machined())
        && (claimant != Claimant.Source.LIBVIRT || dbus.libvirt());
  }

  VmMemory memory() {
    return store == null ? VmMemory.NONE : store;
  }

  /** Whose VMs concierge has told of. */
  List<String> owners() {
    return store == null ? List.of() : store.owners();
  }

  @Override
  public void close() {
    if (store != null) {
      store.close();
    }
  }
}
