package org.vmlog.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.vmlog.identity.SourceIdentity;

class InboundBudgetTest {
  private static final int BUDGET = 100 << 10;
  private static final int FREE = InboundBudget.FREE_BYTES;
  private static final SourceIdentity ALICE = new SourceIdentity.Anonymous(3);
  private static final SourceIdentity BOB = new SourceIdentity.Anonymous(4);

  private final InboundBudget budget = new InboundBudget(BUDGET);
  private final List<String> refused = new ArrayList<>();

  private InboundBudget.Charge open(SourceIdentity source, String name) {
    return budget.open(source, () -> refused.add(name));
  }

  @Test
  void received_smallRequest_isFree() {
    open(ALICE, "small").received(FREE);
    assertThat(budget.chargedBytes()).isZero();
  }

  /** What gRPC holds for a frame is more than the byte in it. */
  @Test
  void received_byteByByte_isChargedByTheFrame() {
    InboundBudget.Charge crumbs = open(ALICE, "crumbs");
    for (int i = 0; i < 10; i++) {
      crumbs.received(1);
    }
    assertThat(budget.chargedBytes()).isEqualTo(10L * InboundBudget.FRAME_BYTES - FREE);
  }

  @Test
  void received_overBudget_refusesTheOldestOfWhoHoldsTheMost() {
    InboundBudget.Charge first = open(ALICE, "alice's first");
    first.received(FREE + (30 << 10));
    open(ALICE, "alice's second").received(FREE + (30 << 10));
    InboundBudget.Charge bobs = open(BOB, "bob's");
    bobs.received(FREE + (39 << 10));
    assertThat(refused).isEmpty();

    bobs.received(10 << 10);
    assertThat(refused).containsExactly("alice's first");
    first.received(20 << 10); // what is still under way is not counted again
    assertThat(budget.chargedBytes()).isEqualTo(79 << 10);
  }

  @Test
  void received_overBudget_leavesRequestsThatAreWhole() {
    InboundBudget.Charge whole = open(ALICE, "whole");
    whole.received(FREE + (90 << 10));
    assertThat(whole.whole(FREE + (90 << 10))).isTrue();

    open(BOB, "late").received(FREE + (20 << 10));
    assertThat(refused).containsExactly("late");
    whole.release();
    assertThat(budget.chargedBytes()).isZero();
  }

  @Test
  void whole_ofManyFrames_takesWhatItsArrayTakes() {
    InboundBudget.Charge charge = open(ALICE, "crumbs");
    for (int i = 0; i < 10; i++) {
      charge.received(1);
    }
    assertThat(charge.whole(10)).isTrue();
    assertThat(budget.chargedBytes()).isZero();
  }

  /** Compressed, it was small. */
  @Test
  void whole_unpacksToMoreThanThereIs_isRefused() {
    InboundBudget.Charge bomb = open(ALICE, "bomb");
    bomb.received(100);
    assertThat(bomb.whole(FREE + BUDGET + 1)).isFalse();
    assertThat(budget.chargedBytes()).isZero();

    InboundBudget.Charge unfinished = open(BOB, "unfinished");
    unfinished.received(FREE + (50 << 10));
    InboundBudget.Charge fits = open(ALICE, "fits");
    assertThat(fits.whole(FREE + (60 << 10))).isTrue();
    assertThat(refused).containsExactly("unfinished");
    fits.release();
    fits.release();
    assertThat(budget.chargedBytes()).isZero();
  }
}
