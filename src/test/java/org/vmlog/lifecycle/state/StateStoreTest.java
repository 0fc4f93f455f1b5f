package org.vmlog.lifecycle.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.vmlog.identity.Claimant.Source.CONCIERGE;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vmlog.identity.Claim;
import org.vmlog.identity.Claimant;
import org.vmlog.identity.PastGeneration;
import org.vmlog.identity.RegistryState;
import org.vmlog.identity.VmId;
import org.vmlog.identity.VmSpec;
import org.vmlog.platform.FolderLock;
import org.vmlog.testing.Await;

class StateStoreTest {
  private static final String THIS_BOOT = "0a4cb6c0-6d0f-4a0e-8c36-6f1d1d9c3a52";
  private static final String LAST_BOOT = "95e2c1f0-0d7c-44f1-9fbc-5f3ddc1c33f5";

  /** What they say is provoked here. */
  private static final List<Logger> LOGS =
      List.of(
          Logger.getLogger(StateStore.class.getName()),
          Logger.getLogger(StateFile.class.getName()));

  @TempDir Path folder;

  private final List<StateStore> open = new ArrayList<>();

  @BeforeEach
  void silence() {
    LOGS.forEach(log -> log.setLevel(Level.OFF));
  }

  @AfterEach
  void close() {
    open.forEach(StateStore::close);
    LOGS.forEach(log -> log.setLevel(null));
  }

  @Test
  void open_neverUsedFolder_knowsNothing() throws Exception {
    StateStore store = open(folder.resolve("new"), THIS_BOOT);

    assertThat(store.recalled()).isEqualTo(RegistryState.NONE);
    assertThat(store.owners()).isEmpty();
  }

  @Test
  void remember_thenOpenedInTheSameBoot_recallsAll() throws Exception {
    RegistryState state =
        state(7, vm("alice", "web-1", CONCIERGE, 3), vm("bob", "db", CONCIERGE, 7));
    Await.value(open(folder, THIS_BOOT).remember(state));
    closeAll();

    StateStore again = open(folder, THIS_BOOT);

    assertThat(again.recalled()).isEqualTo(state);
    assertThat(again.owners()).containsExactly("alice", "bob");
  }

  @Test
  void remember_file_isForItsOwnerAlone() throws Exception {
    Await.value(open(folder, THIS_BOOT).remember(RegistryState.NONE));

    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file())))
        .isEqualTo("rw-------");
    assertThat(folder.resolve("vms.new")).doesNotExist();
  }

  @Test
  void open_inAnotherBoot_keepsOwnersAndTheNumberAndNoVm() throws Exception {
    Await.value(open(folder, LAST_BOOT).remember(state(7, vm("alice", "web-1", CONCIERGE, 3))));
    closeAll();

    StateStore store = open(folder, THIS_BOOT);

    assertThat(store.recalled()).isEqualTo(state(7));
    assertThat(store.owners()).containsExactly("alice");
  }

  @Test
  void owners_ofConciergeAlone_stayWhenTheirVmsStop() throws Exception {
    StateStore store = open(folder, THIS_BOOT);

    Await.value(
        store.remember(
            state(
                2,
                vm("alice", "web-1", CONCIERGE, 1),
                vm("bob", "db", new Claimant.HostUser(1000), 2))));
    Await.value(store.remember(state(2)));

    assertThat(store.owners()).containsExactly("alice");
  }

  @Test
  void open_damagedFile_setsItAsideAndKnowsNothing() throws Exception {
    Files.writeString(file(), "vmlog-state 1\nboot x\n");

    StateStore store = open(folder, THIS_BOOT);

    assertThat(store.recalled()).isEqualTo(RegistryState.NONE);
    assertThat(folder.resolve("vms.unreadable")).hasContent("vmlog-state 1\nboot x\n");
    assertThat(file()).doesNotExist();
  }

  @Test
  void open_symbolicLink_isRefusedAndItsTargetUntouched() throws Exception {
    Path target = Files.writeString(folder.resolve("target"), "precious");
    Files.createSymbolicLink(file(), target);

    assertThatThrownBy(() -> open(folder, THIS_BOOT)).hasMessageContaining("is a symbolic link");
    assertThat(target).hasContent("precious");
  }

  @Test
  void open_folderOfAnotherForwarder_isRefused() throws Exception {
    open(folder, THIS_BOOT);

    assertThatThrownBy(() -> open(folder, THIS_BOOT)).isInstanceOf(FolderLock.HeldException.class);
  }

  @Test
  void open_halfWrittenByAKill_recallsWhatWasWholeBefore() throws Exception {
    RegistryState state = state(3, vm("alice", "web-1", CONCIERGE, 3));
    Await.value(open(folder, THIS_BOOT).remember(state));
    closeAll();
    Files.writeString(folder.resolve("vms.new"), "vmlog-state 1\nbo");

    StateStore again = open(folder, THIS_BOOT);

    assertThat(again.recalled()).isEqualTo(state);
    Await.value(again.remember(state(4)));
    assertThat(folder.resolve("vms.new")).doesNotExist();
  }

  @Test
  void remember_manyDuringOneWrite_makesOneMoreOfTheNewest() throws Exception {
    CountDownLatch gate = new CountDownLatch(1);
    ScheduledThreadPoolExecutor thread = new ScheduledThreadPoolExecutor(1);
    StateStore store = open(folder, THIS_BOOT, thread);
    CountDownLatch busy = new CountDownLatch(1);
    thread.execute(
        () -> {
          busy.countDown();
          Await.down(gate);
        });
    Await.down(busy);

    List<CompletableFuture<Void>> done =
        IntStream.rangeClosed(1, 100)
            .mapToObj(i -> store.remember(state(i, vm("alice", "web-" + i, CONCIERGE, i))))
            .toList();

    assertThat(thread.getQueue()).hasSize(1);
    assertThat(done).noneMatch(CompletableFuture::isDone);
    gate.countDown();
    done.forEach(Await::value);
    assertThat(StateReader.parse(Files.readAllBytes(file())).vms())
        .isEqualTo(state(100, vm("alice", "web-100", CONCIERGE, 100)));
  }

  @Test
  void remember_whileTheFileCannotBeWritten_answersAndWritesItLater() throws Exception {
    Path obstacle = Files.createDirectories(folder.resolve("vms.new/x"));
    StateStore store = open(folder, THIS_BOOT, new Impatient());
    RegistryState state = state(3, vm("alice", "web-1", CONCIERGE, 3));

    Await.value(store.remember(state));
    assertThat(file()).doesNotExist();

    Files.delete(obstacle);
    Files.delete(obstacle.getParent());
    Await.until("it is written", () -> Files.exists(file()));
    assertThat(StateReader.parse(Files.readAllBytes(file())).vms()).isEqualTo(state);
  }

  @Test
  void close_writeWaiting_isWritten() throws Exception {
    StateStore store = open(folder, THIS_BOOT);
    for (int i = 1; i <= 50; i++) {
      var unused = store.remember(state(i));
    }

    closeAll();

    assertThat(open(folder, THIS_BOOT).recalled()).isEqualTo(state(50));
  }

  private Path file() {
    return folder.resolve("vms");
  }

  private StateStore open(Path directory, String bootId) throws Exception {
    return open(directory, bootId, new ScheduledThreadPoolExecutor(1));
  }

  private StateStore open(Path directory, String bootId, ScheduledThreadPoolExecutor thread)
      throws Exception {
    StateStore store = StateStore.open(directory, bootId, thread);
    open.add(store);
    return store;
  }

  private void closeAll() {
    open.forEach(StateStore::close);
    open.clear();
  }

  private static RegistryState state(long last, PastGeneration... vms) {
    return new RegistryState(last, List.of(vms));
  }

  private static PastGeneration vm(String owner, String name, Claimant claimant, long number) {
    VmSpec vm = VmSpec.ofCid(new VmId(owner, name), 100 + number);
    return new PastGeneration(number, Instant.EPOCH, List.of(Claim.of(claimant, vm)));
  }

  /** Does at once what is due later. */
  private static final class Impatient extends ScheduledThreadPoolExecutor {
    Impatient() {
      super(1);
    }

    @Override
    public ScheduledFuture<?> schedule(Runnable task, long delay, TimeUnit unit) {
      return super.schedule(task, Math.min(unit.toMillis(delay), 2), TimeUnit.MILLISECONDS);
    }
  }
}
