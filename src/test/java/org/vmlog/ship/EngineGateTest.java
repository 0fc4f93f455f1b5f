package org.vmlog.ship;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.vmlog.ship.EngineState.Kind;

/** What is scheduled is held back by a thread that has not begun; looks are the test's own. */
class EngineGateTest {
  private static final EngineState REFUSED = new EngineState(Kind.REFUSED, "no");
  private static final EngineState AWAY = new EngineState(Kind.UNREACHABLE, "away");

  private final ScheduledThreadPoolExecutor later = new ScheduledThreadPoolExecutor(0);
  private final EngineGate gate = new EngineGate(later, () -> {});

  EngineGateTest() {
    later.shutdown(); // what is scheduled is refused, and the test looks itself
  }

  @AfterEach
  void close() {
    later.shutdownNow();
  }

  @Test
  void state_nothingHasFailedAndItIsFound_ready() {
    assertThat(gate.state()).isEqualTo(EngineState.CONNECTING);
    assertThat(gate.isOpen()).isFalse();
    gate.found();
    assertThat(gate.state()).isEqualTo(EngineState.READY);
    assertThat(gate.isOpen()).isTrue();
    gate.sending();
    assertThat(gate.isOpen()).isTrue();
  }

  @Test
  void isOpen_afterAFailure_forOneShipmentUntilItIsTaken() {
    gate.found();
    gate.failed(REFUSED, Optional.empty());
    assertThat(gate.isOpen()).isFalse();
    gate.found();
    assertThat(gate.state()).isEqualTo(REFUSED);
    assertThat(gate.isOpen()).isTrue();
    gate.sending();
    assertThat(gate.isOpen()).isFalse();
    gate.passed(); // it was the shipment's own fault
    assertThat(gate.isOpen()).isTrue();
    assertThat(gate.state()).isEqualTo(REFUSED);
    gate.sending();
    gate.took();
    assertThat(gate.isOpen()).isTrue();
    assertThat(gate.state()).isEqualTo(EngineState.READY);
  }

  /** What was on its way before the failure arrives: that is no reason to call it ready. */
  @Test
  void state_somethingIsTakenBeforeTheNextLook_waitsForThat() {
    gate.found();
    gate.failed(REFUSED, Optional.empty());
    gate.took();
    assertThat(gate.state()).isEqualTo(REFUSED);
    assertThat(gate.isOpen()).isFalse();
    gate.found();
    assertThat(gate.state()).isEqualTo(EngineState.READY);
  }

  @Test
  void state_lostWhileNothingWasSent_readyWhenFound() {
    gate.found();
    gate.lost(AWAY, Optional.empty());
    assertThat(gate.state()).isEqualTo(AWAY);
    gate.notFound(REFUSED, Optional.empty());
    assertThat(gate.state()).isEqualTo(REFUSED);
    gate.found();
    assertThat(gate.state()).isEqualTo(EngineState.READY);
  }

  @Test
  void isOpen_nothingIsAnswered_notUntilSomethingIs() {
    gate.found();
    gate.sending();
    gate.stalled(AWAY);
    assertThat(gate.state()).isEqualTo(AWAY);
    assertThat(gate.isOpen()).isFalse();
    gate.took();
    assertThat(gate.state()).isEqualTo(EngineState.READY);
    assertThat(gate.isOpen()).isTrue();
  }

  /** A probe that was asked before a failure answers after it. */
  @Test
  void stalled_afterAFailure_doesNotHideIt() {
    gate.found();
    gate.failed(REFUSED, Optional.empty());
    gate.stalled(AWAY);
    assertThat(gate.state()).isEqualTo(REFUSED);
  }
}
