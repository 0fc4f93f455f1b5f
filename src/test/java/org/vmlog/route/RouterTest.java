package org.vmlog.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.vmlog.identity.Claimant.Source.CONCIERGE;
import static org.vmlog.route.LogPipeTest.append;
import static org.vmlog.route.Pipes.DROP_HEAD;

import java.io.IOException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.vmlog.identity.Claim;
import org.vmlog.identity.ComponentId;
import org.vmlog.identity.Generation;
import org.vmlog.identity.SourceIdentity;
import org.vmlog.identity.SourceRegistry;
import org.vmlog.identity.VmId;
import org.vmlog.identity.VmSpec;
import org.vmlog.record.LineFormat;
import org.vmlog.sink.LineSink;
import org.vmlog.testing.Await;
import org.vmlog.testing.BlockingSink;
import org.vmlog.testing.RecordingSink;

class RouterTest {
  private static final String START_HEAD = DROP_HEAD.replace("<44>", "<46>");
  private static final VmId WEB = new VmId("alice", "web");

  private final Pipes pipes = new Pipes();
  private final SourceRegistry registry = new SourceRegistry(InstantSource.fixed(Pipes.NOW));
  private final List<String> made = new ArrayList<>();
  private Supplier<LineSink> sinks = RecordingSink::new;

  @AfterEach
  void end() {
    pipes.close();
  }

  @Test
  void open_twiceOneVm_sharesThePipeUntilTheLastHasLetGo() throws IOException {
    Router router = router();
    RecordingSink sink = only(new RecordingSink());
    Generation vm = start(WEB, 7);
    Route first = router.open(vm);
    Route second = router.open(vm);
    assertThat(second.pipe()).isSameAs(first.pipe());
    assertThat(made).containsExactly("alice/web");

    router.release(first);
    RecordingAck ack = new RecordingAck();
    assertThat(append(second.pipe(), "a\n", 1, ack)).isEqualTo(Offer.TAKEN);
    assertThat(ack.await()).isTrue();
    assertThat(sink.isClosed()).isFalse();

    router.release(second);
    Await.until("the sink is closed", sink::isClosed);
    // A guest that connects again and again does not have its file opened again and again.
    assertThat(sink.events()).containsExactly("a\n", "[close]");
  }

  @Test
  void release_whileLinesWait_closesTheSinkAfterThem() throws IOException {
    Router router = router();
    BlockingSink sink = only(new BlockingSink());
    Route route = router.open(start(WEB, 7));
    append(route.pipe(), "a\n", 1, null);
    sink.awaitBlocked();
    append(route.pipe(), "b\n", 1, null);
    router.release(route);
    sink.release();
    Await.until("the sink is closed", sink.target()::isClosed);
    assertThat(sink.target().events()).containsExactly("a\n", "b\n", "[close]");
  }

  @Test
  void open_beforeTheFormerPipeHasClosed_goesOnWithIt() throws IOException {
    Router router = router();
    BlockingSink sink = only(new BlockingSink());
    Route first = router.open(start(WEB, 7));
    append(first.pipe(), "a\n", 1, null);
    sink.awaitBlocked();
    for (int i = 0; i < 3; i++) {
      router.release(first);
      assertThat(router.open(registry.byId(WEB).orElseThrow()).pipe()).isSameAs(first.pipe());
    }
    sink.release();
    RecordingAck ack = new RecordingAck();
    append(first.pipe(), "b\n", 1, ack);
    assertThat(ack.await()).isTrue();
    assertThat(sink.target().isClosed()).isFalse();
    assertThat(made).hasSize(1);
    router.release(first);
    Await.until("the sink is closed", sink.target()::isClosed);
  }

  @Test
  void open_afterCloseAll_doesNotKeepThePipeFromClosing() throws IOException {
    Router router = router();
    BlockingSink sink = only(new BlockingSink());
    Route first = router.open(start(WEB, 7));
    append(first.pipe(), "a\n", 1, null);
    sink.awaitBlocked();
    CompletableFuture<Void> closed = router.closeAll();

    assertThat(router.open(registry.byId(WEB).orElseThrow()).pipe()).isSameAs(first.pipe());
    sink.release();

    Await.value(closed);
    assertThat(sink.target().isClosed()).isTrue();
  }

  @Test
  void open_afterTheFormerPipeHasClosed_makesAnother() throws IOException {
    Router router = router();
    Route first = router.open(start(WEB, 7));
    router.release(first);
    Await.until("closed", () -> append(first.pipe(), "", 0, null) == Offer.CLOSED);

    Route second = router.open(start(WEB, 8));

    assertThat(second.pipe()).isNotSameAs(first.pipe());
    RecordingAck ack = new RecordingAck();
    append(second.pipe(), "b\n", 1, ack);
    assertThat(ack.await()).isTrue();
    router.release(second);
  }

  @Test
  void open_twoGenerations_shareOnePipeWithALabelEach() throws IOException {
    Router router = router();
    RecordingSink sink = only(new RecordingSink());
    Route former = router.open(start(WEB, 7));
    Route later = router.open(start(WEB, 8));
    assertThat(later.pipe()).isSameAs(former.pipe());
    assertThat(later.label()).isNotSameAs(former.label());

    router.release(former);
    RecordingAck ack = new RecordingAck();
    later.pipe().drop(DropReason.LINE_CUT, 3, ack);
    assertThat(ack.await()).isTrue();
    assertThat(sink.text()).isEqualTo(DROP_HEAD + "3 records cut (line too long)\n");
  }

  @Test
  void open_differentSources_haveAPipeEach() throws IOException {
    Router router = router();
    router.open(start(WEB, 7));
    router.open(start(new VmId("alice", "db"), 8));
    router.open(new SourceIdentity.HostUser(1000));
    router.open(new SourceIdentity.Anonymous(99));
    router.open(new SourceIdentity.Anonymous(99));
    assertThat(made).containsExactly("alice/web", "alice/db", "uid 1000", "syslog");
  }

  /** By whichever path they came: the pipe and the counters are the component's. */
  @Test
  void open_twoConnectionsOfOneComponent_shareTheirPipeAndStatistics() throws IOException {
    Router router = router();
    ComponentId cart = ComponentId.parse("shop/cart");
    Route one = router.open(new SourceIdentity.Component(cart, "test:///cart", "1"));
    Route other = router.open(new SourceIdentity.Component(cart, "test:///cart", "1"));
    Route nextStart = router.open(new SourceIdentity.Component(cart, "test:///cart", "2"));
    Route namesake =
        router.open(
            new SourceIdentity.Component(ComponentId.parse("bank/cart"), "test:///cart", "1"));
    assertThat(made).containsExactly("component shop/cart", "component bank/cart");
    assertThat(other.pipe()).isSameAs(one.pipe()).isSameAs(nextStart.pipe());
    assertThat(other.statistics()).isSameAs(one.statistics());
    assertThat(namesake.statistics()).isNotSameAs(one.statistics());
  }

  @Test
  void open_copiesWanted_keepsASyslogPipeForEachComponent() throws IOException {
    Router router = router(CopyTarget.SYSLOG);
    Route route = router.open(new SourceIdentity.Component(ComponentId.parse("shop/cart"), "", ""));
    assertThat(made).containsExactly("component shop/cart", "syslog");
    LogPipe copy = route.copies().get(0).pipe();
    router.release(route);
    Await.until("closed", () -> append(copy, "", 0, null) == Offer.CLOSED);
  }

  @Test
  void open_copiesWanted_keepsASyslogPipeForEachVm() throws IOException {
    Router router = router(CopyTarget.SYSLOG);
    Route route = router.open(start(WEB, 7));
    assertThat(made).containsExactly("alice/web", "syslog");
    LogPipe copy = route.copies().get(0).pipe();
    router.release(route);
    Await.until("closed", () -> append(copy, "", 0, null) == Offer.CLOSED);
  }

  @Test
  void open_bothCopiesWanted_keepsAPipeForEach() throws IOException {
    Router router = router(CopyTarget.JOURNAL, CopyTarget.SYSLOG);

    Route vm = router.open(start(WEB, 7));
    Route component =
        router.open(new SourceIdentity.Component(ComponentId.parse("shop/cart"), "", ""));

    assertThat(made)
        .containsExactly(
            "alice/web",
            "syslog",
            "journal of web of alice",
            "component shop/cart",
            "syslog",
            "journal of cart of @realms/shop");
    assertThat(vm.copies().get(1).style().format()).isEqualTo(LineFormat.RFC5424);
    router.release(vm);
    for (RouteCopy copy : vm.copies()) {
      Await.until("closed", () -> append(copy.pipe(), "", 0, null) == Offer.CLOSED);
    }
    assertThat(append(component.copies().get(0).pipe(), "", 0, null)).isEqualTo(Offer.TAKEN);
  }

  @Test
  void open_nameCannotBeAFile_saysSoAndHoldsNothing() throws IOException {
    Router router = router();
    Generation bad = start(new VmId("alice", "bad"), 9);
    assertThatThrownBy(() -> router.open(bad)).isInstanceOf(IOException.class).hasMessage("bad");
    Await.value(router.closeAll());
  }

  @Test
  void closeAll_whoeverStillHolds_writesAndClosesEverything() throws IOException {
    Router router = router();
    BlockingSink sink = only(new BlockingSink());
    Route route = router.open(start(WEB, 7));
    append(route.pipe(), "a\n", 1, null);
    sink.awaitBlocked();
    CompletableFuture<Void> closed = router.closeAll();
    assertThat(closed).isNotDone();
    sink.release();
    Await.value(closed);
    assertThat(sink.target().events()).containsExactly("a\n", "[close]");
    router.release(route);
  }

  @Test
  void reopenAll_reachesEveryPipe() throws IOException {
    Router router = router();
    RecordingSink sink = only(new RecordingSink());
    router.begin(start(WEB, 7));
    Await.until("opened", () -> sink.events().equals(List.of("[reopen]")));
    router.reopenAll();
    Await.until("reopened", () -> sink.events().equals(List.of("[reopen]", "[reopen]")));
  }

  @Test
  void begin_aVmThatHasLogged_putsAMarkBetweenWhatWaitsAndWhatComes() throws IOException {
    Router router = router();
    BlockingSink sink = only(new BlockingSink());
    Route first = router.begin(start(WEB, 7));
    append(first.pipe(), "a\n", 1, null);
    sink.awaitBlocked();
    append(first.pipe(), "last words\n", 1, null);
    Route second = router.begin(start(WEB, 8));
    append(second.pipe(), "b\n", 1, null);
    sink.release();
    Await.until("all is written", () -> sink.target().text().endsWith("b\n"));
    assertThat(sink.target().text())
        .isEqualTo("a\nlast words\n" + START_HEAD + "VM started (generation 2)\nb\n");
    assertThat(second.statistics().snapshot().records().get(6)).isEqualTo(3);
    router.release(first);
    router.release(second);
  }

  @Test
  void begin_aVmThatHasLoggedNothing_putsNoMark() throws IOException {
    RecordingSink sink = only(new RecordingSink());
    Route route = router().begin(start(WEB, 7));
    append(route.pipe(), "a\n", 1, null);
    Await.until("it is written", () -> sink.text().endsWith("a\n"));
    assertThat(sink.text()).isEqualTo("a\n");
  }

  @Test
  void begin_aVmThatNobodyHasAnnounced_putsNoMark() throws IOException {
    RecordingSink sink = only(new RecordingSink());
    Router router = router();
    Route first = router.begin(start(WEB, 7));
    append(first.pipe(), "a\n", 1, null);
    Await.until("it is written", () -> sink.text().endsWith("a\n"));
    SourceRegistry restarted = new SourceRegistry();
    var unused = restarted.begin(List.of(), registry.state());
    Route second = router.begin(restarted.byId(WEB).orElseThrow());
    append(second.pipe(), "b\n", 1, null);
    Await.until("it is written", () -> sink.text().endsWith("b\n"));
    assertThat(sink.text()).isEqualTo("a\nb\n");
  }

  private <S extends LineSink> S only(S sink) {
    sinks = () -> sink;
    return sink;
  }

  private Generation start(VmId id, long cid) {
    var unused = registry.started(Claim.of(CONCIERGE, VmSpec.ofCid(id, cid)));
    return registry.byId(id).orElseThrow();
  }

  private Router router(CopyTarget... copies) {
    Places places =
        new Places() {
          @Override
          public LineSink vmFile(VmId id) throws IOException {
            if (id.name().equals("bad")) {
              throw new IOException("bad");
            }
            return make(id.toString());
          }

          @Override
          public LineSink hostUserFile(int uid) {
            return make("uid " + uid);
          }

          @Override
          public LineSink componentFile(ComponentId id) {
            return make("component " + id);
          }

          @Override
          public LineSink syslog() {
            return make("syslog");
          }

          @Override
          public LineSink journal(String owner, String name) {
            return make("journal of " + name + " of " + owner);
          }
        };
    Router.Settings settings =
        new Router.Settings(
            Pipes.STYLE,
            Pipes.STYLE,
            1 << 20,
            1 << 20,
            Set.of(copies),
            new SourceLimits(20_000, 100_000, 8 << 20),
            InstantSource.fixed(Pipes.NOW));
    return new Router(settings, places, pipes.memory, pipes.writers);
  }

  private LineSink make(String name) {
    made.add(name);
    return sinks.get();
  }
}
