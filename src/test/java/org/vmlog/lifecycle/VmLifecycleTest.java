package org.vmlog.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.vmlog.identity.Change.Refusal.CLAIMED;
import static org.vmlog.identity.Change.Refusal.FAILED;
import static org.vmlog.identity.Claimant.Source.CONCIERGE;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.vmlog.identity.Change;
import org.vmlog.identity.Claimant;
import org.vmlog.identity.Generation;
import org.vmlog.identity.RegistryState;
import org.vmlog.identity.SourceRegistry;
import org.vmlog.identity.VmId;
import org.vmlog.identity.VmSpec;

class VmLifecycleTest {
  private static final VmId WEB = new VmId("alice", "web-1");
  private static final VmId DB = new VmId("alice", "db");

  /** Its lines are not what is tested here, and one test provokes stack traces. */
  private static final Logger LOG = Logger.getLogger(VmLifecycle.class.getName());

  private final SourceRegistry registry = new SourceRegistry();
  private final RecordingObserver observer = new RecordingObserver();
  private final LifecycleCounters counters = new LifecycleCounters();
  private final VmLifecycle lifecycle =
      new VmLifecycle(registry, observer, Runnable::run, counters);

  @BeforeEach
  void silence() {
    LOG.setLevel(Level.OFF);
  }

  @AfterEach
  void unsilence() {
    LOG.setLevel(null);
  }

  @Test
  void accept_startAndStop_opensAndClosesOneGeneration() {
    lifecycle.accept(started(WEB, 42));
    lifecycle.accept(new VmEvent.Stopped(CONCIERGE, WEB, 42));

    assertThat(observer.calls).containsExactly("open alice/web-1 42", "close alice/web-1 42");
    assertThat(observer.open).isEmpty();
    assertThat(counters.opened().value()).isEqualTo(1);
    assertThat(counters.closed().value()).isEqualTo(1);
  }

  @Test
  void accept_cidTakenOver_closesTheOldVmFirst() {
    lifecycle.accept(started(WEB, 42));
    lifecycle.accept(started(DB, 42));

    assertThat(observer.calls)
        .containsExactly("open alice/web-1 42", "close alice/web-1 42", "open alice/db 42");
  }

  @Test
  void begin_signalsOfThatVm_keepItOpenThroughout() {
    begin(List.of(VmSpec.ofCid(WEB, 42)));
    lifecycle.accept(started(WEB, 99));
    lifecycle.accept(new VmEvent.Stopped(CONCIERGE, WEB, 99));

    assertThat(observer.calls)
        .containsExactly(
            "open alice/web-1 42",
            "close alice/web-1 42",
            "open alice/web-1 99",
            "close alice/web-1 99",
            "open alice/web-1 42");
  }

  @Test
  void accept_lateStop_isCountedAndIgnored() {
    lifecycle.accept(started(WEB, 42));
    lifecycle.accept(started(WEB, 43));
    lifecycle.accept(new VmEvent.Stopped(CONCIERGE, WEB, 42));
    lifecycle.accept(new VmEvent.Stopped(CONCIERGE, DB, 50));

    assertThat(counters.ignoredStops().value()).isEqualTo(2);
    assertThat(observer.open).extracting(Generation::cid).containsExactly(43L);
  }

  @Test
  void accept_stopOfACid_endsTheVmThatHasIt() {
    lifecycle.accept(started(WEB, 42));
    lifecycle.accept(started(DB, 43));
    lifecycle.accept(new VmEvent.CidStopped(CONCIERGE, 42));
    lifecycle.accept(new VmEvent.CidStopped(CONCIERGE, 42));

    assertThat(observer.open).extracting(Generation::cid).containsExactly(43L);
    assertThat(counters.ignoredStops().value()).isEqualTo(1);
  }

  /** A configured VM's CID is not concierge's to end. */
  @Test
  void accept_stopOfACidThatSomebodyElseGave_isIgnored() {
    begin(List.of(VmSpec.ofCid(WEB, 42)));
    lifecycle.accept(new VmEvent.CidStopped(CONCIERGE, 42));

    assertThat(observer.open).extracting(Generation::cid).containsExactly(42L);
    assertThat(counters.ignoredStops().value()).isEqualTo(1);
  }

  @Test
  void accept_stopAndStartWithoutACid_areOfOneVm() {
    lifecycle.accept(new VmEvent.Started(CONCIERGE, VmSpec.named(WEB)));
    lifecycle.accept(new VmEvent.Stopped(CONCIERGE, WEB, 0));

    assertThat(observer.open).isEmpty();
    assertThat(counters.opened().value()).isEqualTo(1);
  }

  @Test
  void accept_claimOfTheConfiguration_isCountedAndRefused() {
    begin(List.of(VmSpec.ofCid(WEB, 42)));
    lifecycle.accept(started(DB, 42));
    lifecycle.accept(started(DB, 2));

    assertThat(counters.refusedClaims().value()).isEqualTo(2);
    assertThat(observer.calls).containsExactly("open alice/web-1 42");
  }

  @Test
  void accept_observerRefusesTheVm_takesItOutAgainAndGoesOn() {
    observer.failures.put(WEB, new IllegalArgumentException("no such owner"));
    lifecycle.accept(started(WEB, 42));
    lifecycle.accept(started(DB, 50));

    assertThat(observer.calls).containsExactly("fail alice/web-1 42", "open alice/db 50");
    assertThat(registry.byId(WEB)).isEmpty();
    assertThat(registry.byCid(42)).isEmpty();
    assertThat(counters.failed().value()).isEqualTo(1);

    observer.failures.clear();
    lifecycle.accept(started(WEB, 42));
    assertThat(registry.byCid(42)).isPresent();
  }

  @Test
  void accept_observerCannotOpenAConfiguredVm_triesWhatTheConfigurationKnowsThenGivesUp() {
    begin(List.of(VmSpec.ofCid(WEB, 42)));
    observer.refusals.put(WEB, new IOException("address in use"));
    lifecycle.accept(started(WEB, 99));

    assertThat(observer.calls)
        .containsExactly(
            "open alice/web-1 42",
            "close alice/web-1 42",
            "fail alice/web-1 99",
            "fail alice/web-1 42");
    assertThat(registry.live()).isEmpty();
    assertThat(counters.failed().value()).isEqualTo(2);
  }

  @Test
  void accept_observerThrowsAnything_harmsOnlyThatVm() {
    observer.failures.put(WEB, new IllegalStateException("bug"));
    lifecycle.accept(started(WEB, 42));
    lifecycle.accept(started(DB, 50));
    observer.failures.put(DB, new IllegalStateException("bug"));
    lifecycle.accept(new VmEvent.Stopped(CONCIERGE, DB, 50));
    observer.failures.clear();
    lifecycle.accept(started(DB, 50));

    assertThat(observer.calls)
        .containsExactly(
            "fail alice/web-1 42", "open alice/db 50", "fail alice/db 50", "open alice/db 50");
    assertThat(registry.live()).extracting(Generation::id).containsExactly(DB);
  }

  @Test
  void accept_manyThreads_areAppliedOneAtATime() throws Exception {
    ExecutorService lifecycleThread = Executors.newSingleThreadExecutor();
    VmLifecycle shared = new VmLifecycle(registry, observer, lifecycleThread, counters);
    Thread[] sources = new Thread[4];
    for (int i = 0; i < sources.length; i++) {
      VmId id = new VmId("alice", "vm-" + i);
      long cid = 10 + i;
      sources[i] =
          new Thread(
              () -> {
                for (int round = 0; round < 500; round++) {
                  shared.accept(started(id, cid));
                  shared.accept(new VmEvent.Stopped(CONCIERGE, id, cid));
                }
              });
      sources[i].start();
    }
    for (Thread source : sources) {
      source.join();
    }
    lifecycleThread.shutdown();
    assertThat(lifecycleThread.awaitTermination(20, TimeUnit.SECONDS)).isTrue();

    assertThat(observer.calls).hasSize(4000);
    assertThat(counters.opened().value()).isEqualTo(2000);
    assertThat(observer.open).isEmpty();
    assertThat(registry.live()).isEmpty();
  }

  @Test
  void accept_startOfALiveCid_drainsAndClosesTheOldGenerationBeforeTheNewOneOpens() {
    lifecycle.accept(started(WEB, 42));
    lifecycle.accept(started(WEB, 42));

    assertThat(observer.calls)
        .containsExactly("open alice/web-1 42", "close alice/web-1 42", "open alice/web-1 42");
    assertThat(observer.open).extracting(Generation::number).containsExactly(2L);
  }

  @Test
  void apply_start_answersOnceTheVmIsOpen() {
    Change change = lifecycle.apply(started(WEB, 42)).join();

    assertThat(change).isEqualTo(new Change.Applied(List.of(), observer.open));
    assertThat(observer.calls).containsExactly("open alice/web-1 42");
  }

  @Test
  void apply_claimOfAnother_answersWhoHasIt() {
    lifecycle.accept(started(WEB, 42));

    VmEvent other = new VmEvent.Started(new Claimant.HostUser(1000), VmSpec.ofCid(WEB, 43));
    assertThat(lifecycle.apply(other).join())
        .isEqualTo(
            new Change.Refused(CLAIMED, "alice/web-1 is concierge's, and uid:1000 cannot have it"));
  }

  @Test
  void apply_observerRefusesTheVm_answersWithItsReason() {
    observer.refusals.put(WEB, new IOException("address in use"));

    assertThat(lifecycle.apply(started(WEB, 42)).join())
        .isEqualTo(new Change.Refused(FAILED, "alice/web-1: address in use"));
    assertThat(registry.claims()).isEmpty();
  }

  @Test
  void apply_observerCannotReopenAnother_answersThatTheVmIsLive() {
    begin(List.of(VmSpec.named(DB)));
    lifecycle.accept(started(DB, 42));
    observer.refusals.put(DB, new IOException("address in use"));

    assertThat(lifecycle.apply(started(WEB, 42)).join()).isInstanceOf(Change.Applied.class);
    assertThat(registry.live()).extracting(Generation::id).containsExactly(WEB);
  }

  @Test
  void apply_list_startsWhatIsNewEndsWhatIsGoneAndLeavesTheRest() {
    VmId mail = new VmId("alice", "mail");
    VmId bobs = new VmId("bob", "web");
    VmId registered = new VmId("alice", "registered");
    lifecycle.accept(started(WEB, 42));
    lifecycle.accept(started(DB, 43));
    lifecycle.accept(started(bobs, 44));
    lifecycle.accept(
        new VmEvent.Started(new Claimant.HostUser(1000), VmSpec.ofCid(registered, 45)));
    observer.calls.clear();

    var unused =
        lifecycle
            .apply(
                new VmEvent.Listed(
                    CONCIERGE,
                    Optional.of("alice"),
                    List.of(
                        VmSpec.ofCid(WEB, 42).withType("termina"),
                        VmSpec.ofCid(mail, 43), // the CID of one that is gone
                        VmSpec.ofCid(new VmId("alice", "broken"), 0)),
                    Set.of()))
            .join();

    assertThat(observer.calls).containsExactly("close alice/db 43", "open alice/mail 43");
    assertThat(registry.live())
        .extracting(Generation::id)
        .containsExactly(WEB, bobs, registered, mail);
  }

  @Test
  void apply_listWithOtherCids_isANewGeneration() {
    lifecycle.accept(started(WEB, 42));
    lifecycle.accept(started(DB, 43));

    lifecycle.accept(
        new VmEvent.Listed(
            CONCIERGE,
            Optional.of("alice"),
            List.of(VmSpec.ofCid(WEB, 43), VmSpec.ofCid(DB, 42)),
            Set.of()));

    assertThat(registry.byCid(42).orElseThrow().id()).isEqualTo(DB);
    assertThat(registry.byCid(43).orElseThrow().id()).isEqualTo(WEB);
    assertThat(observer.open).containsExactlyInAnyOrderElementsOf(registry.live());
  }

  @Test
  void apply_listOlderThanASignal_doesNotUndoIt() {
    VmId stopped = new VmId("alice", "stopped");
    lifecycle.accept(started(WEB, 42));
    lifecycle.accept(started(DB, 44));

    lifecycle.accept(
        new VmEvent.Listed(
            CONCIERGE,
            Optional.empty(),
            List.of(VmSpec.ofCid(DB, 43), VmSpec.ofCid(stopped, 45)),
            Set.of(WEB, DB, stopped)));

    assertThat(observer.calls).containsExactly("open alice/web-1 42", "open alice/db 44");
  }

  @Test
  void apply_change_answersOnlyOnceItIsRemembered() {
    List<RegistryState> remembered = new ArrayList<>();
    CompletableFuture<Void> written = new CompletableFuture<>();
    VmLifecycle remembering =
        new VmLifecycle(
            registry,
            observer,
            Runnable::run,
            counters,
            state -> {
              remembered.add(state);
              return written;
            });

    CompletableFuture<Change> answer = remembering.apply(started(WEB, 42));
    CompletableFuture<Change> refusal = remembering.apply(started(DB, 2));

    assertThat(observer.calls).containsExactly("open alice/web-1 42");
    assertThat(answer).isNotDone();
    assertThat(refusal).as("it changed nothing").isDone();
    assertThat(remembered).containsExactly(registry.state());
    written.complete(null);
    assertThat(answer).isCompleted();
  }

  @Test
  void apply_observerRefusesTheVm_remembersThatItsOldGenerationIsGone() {
    List<RegistryState> remembered = new ArrayList<>();
    VmLifecycle remembering =
        new VmLifecycle(
            registry,
            observer,
            Runnable::run,
            counters,
            state -> {
              remembered.add(state);
              return CompletableFuture.completedFuture(null);
            });
    remembering.accept(started(WEB, 42));
    observer.refusals.put(WEB, new IOException("address in use"));

    remembering.accept(started(WEB, 43));

    assertThat(remembered).hasSize(2).last().isEqualTo(new RegistryState(2, List.of()));
  }

  private void begin(List<VmSpec> configured) {
    assertThat(lifecycle.begin(configured, RegistryState.NONE)).isCompleted();
  }

  private static VmEvent started(VmId id, long cid) {
    return new VmEvent.Started(CONCIERGE, VmSpec.ofCid(id, cid));
  }

  /** Confined to the lifecycle thread, and read when that is done. */
  private static final class RecordingObserver implements VmObserver {
    final List<String> calls = new ArrayList<>();
    final List<Generation> open = new ArrayList<>();
    final Map<VmId, IOException> refusals = new HashMap<>();
    final Map<VmId, RuntimeException> failures = new HashMap<>();

    @Override
    public void opened(Generation generation) throws IOException {
      IOException refusal = refusals.get(generation.id());
      if (refusal != null) {
        calls.add("fail " + name(generation));
        throw refusal;
      }
      fail(generation);
      calls.add("open " + name(generation));
      open.add(generation);
    }

    @Override
    public void closed(Generation generation) {
      open.remove(generation);
      fail(generation);
      calls.add("close " + name(generation));
    }

    private void fail(Generation generation) {
      RuntimeException failure = failures.get(generation.id());
      if (failure != null) {
        calls.add("fail " + name(generation));
        throw failure;
      }
    }

    private static String name(Generation generation) {
      return generation.id() + " " + generation.cid();
    }
  }
}
