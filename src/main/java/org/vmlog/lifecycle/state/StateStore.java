package org.vmlog.lifecycle.state;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.vmlog.identity.Claimant;
import org.vmlog.identity.RegistryState;
import org.vmlog.lifecycle.VmMemory;
import org.vmlog.platform.FolderLock;
import org.vmlog.platform.LimitedLog;

/**
 * Remembers VMs in a file, so that they are live again as soon as the forwarder is. One write is
 * under way at a time, and whatever changes meanwhile goes into the next, so that many changes cost
 * few writes and none waits in a queue.
 *
 * <p>A write that fails is tried again with the next change, or after a while; the VMs themselves
 * are not affected. Thread-safe; writes happen on the thread it is given.
 */
public final class StateStore implements VmMemory, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(StateStore.class);
  private static final LimitedLog FAILED = LimitedLog.on(LOG);

  /** Each is a call to concierge at a start. */
  private static final int MAX_OWNERS = 1000;

  private static final Duration RETRY = Duration.ofSeconds(5);
  private static final Duration LAST_WRITE = Duration.ofMillis(500);

  private final StateFile file;
  private final FolderLock lock;
  private final String bootId;
  private final ScheduledExecutorService thread;
  private final KnownOwners owners = new KnownOwners(MAX_OWNERS);
  private final RegistryState recalled;

  @GuardedBy("this")
  private @Nullable Save waiting;

  /** What the last write failed to write. */
  @GuardedBy("this")
  private @Nullable RegistryState unwritten;

  @GuardedBy("this")
  private boolean retrying;

  /** The newest state that is not being written yet, and who waits for it or an older one. */
  private record Save(RegistryState state, CompletableFuture<Void> done) {}

  private StateStore(
      StateFile file, FolderLock lock, String bootId, ScheduledExecutorService thread)
      throws IOException {
    this.file = file;
    this.lock = lock;
    this.bootId = bootId;
    this.thread = thread;
    this.recalled = recall(file.read());
  }

  /**
   * Reads what was remembered, and remembers in the same folder from now on.
   *
   * @param bootId which start of the host this is
   * @param thread one of its own
   * @throws FolderLock.HeldException if another forwarder remembers there
   * @throws IOException if the folder cannot be used; the message names it
   */
  public static StateStore open(Path directory, String bootId, ScheduledExecutorService thread)
      throws IOException {
    FolderLock lock = FolderLock.take(directory);
    try {
      return new StateStore(new StateFile(directory), lock, bootId, thread);
    } catch (IOException | RuntimeException e) {
      lock.close();
      throw e;
    }
  }

  /** CIDs of another boot mean nothing; whose VMs there were still says whom to ask for. */
  private RegistryState recall(Optional<SavedState> saved) {
    if (saved.isEmpty()) {
      return RegistryState.NONE;
    }
    owners.heardOf(saved.get().owners());
    RegistryState vms = saved.get().vms();
    if (saved.get().bootId().equals(bootId)) {
      return vms;
    }
    LOG.info("the host was booted since; {} VMs are forgotten", vms.generations().size());
    return new RegistryState(vms.lastNumber(), List.of());
  }

  /** What was live in this boot of the host when the forwarder ended. */
  public RegistryState recalled() {
    return recalled;
  }

  /** Whose VMs concierge has told of, in this boot and those before. */
  public List<String> owners() {
    return owners.all();
  }

  @Override
  public synchronized CompletableFuture<Void> remember(RegistryState state) {
    CompletableFuture<Void> done = waiting == null ? new CompletableFuture<>() : waiting.done();
    if (waiting == null) {
      thread.execute(this::write);
    }
    waiting = new Save(state, done);
    return done;
  }

  private void write() {
    Save save = take();
    if (save == null) {
      return;
    }
    owners.heardOf(
        save.state().claims().stream()
            .filter(claim -> claim.claimant() == Claimant.Source.CONCIERGE)
            .map(claim -> claim.id().owner())
            .distinct()
            .toList());
    try {
      file.write(new SavedState(bootId, save.state(), owners.all()));
      wrote(null);
    } catch (IOException e) {
      FAILED.warn(
          "VMs are not remembered across a restart now: {}", String.valueOf(e.getMessage()));
      wrote(save.state());
    } finally {
      save.done().complete(null);
    }
  }

  private synchronized @Nullable Save take() {
    Save save = waiting;
    waiting = null;
    return save;
  }

  private synchronized void wrote(@Nullable RegistryState failed) {
    unwritten = failed;
    if (failed != null && !retrying && !thread.isShutdown()) {
      retrying = true;
      var unused = thread.schedule(this::retry, RETRY.toMillis(), TimeUnit.MILLISECONDS);
    }
  }

  private void retry() {
    synchronized (this) {
      retrying = false;
      if (waiting == null && unwritten != null) {
        waiting = new Save(unwritten, new CompletableFuture<>());
      }
    }
    write();
  }

  /** Lets the last write end, unless the disk hangs. Closing again does nothing. */
  @Override
  public void close() {
    if (thread.isShutdown()) {
      return;
    }
    try {
      thread.submit(this::retry).get(LAST_WRITE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException | ExecutionException e) {
      LOG.warn("the last changes of VMs may not be remembered: {}", e.toString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    thread.shutdownNow();
    lock.close();
  }
}
