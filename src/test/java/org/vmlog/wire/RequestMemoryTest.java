package org.vmlog.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.vmlog.identity.SourceIdentity;
import org.vmlog.testing.Seed;

class RequestMemoryTest {
  private static final long TOTAL = 24 << 20;

  private final RequestMemory memory = new RequestMemory(TOTAL);

  private RequestMemory.Account account(long cid) {
    return memory.open(new SourceIdentity.Anonymous(cid));
  }

  private static long fill(RequestMemory.Account account, int piece) {
    long taken = 0;
    while (account.take(piece)) {
      taken += piece;
    }
    return taken;
  }

  @Test
  void take_aloneSource_getsHalf() {
    assertThat(fill(account(3), 1)).isEqualTo(TOTAL / 2);
  }

  @Test
  void take_besideOneThatHasAllItMay_getsHalfOfTheRest() {
    fill(account(3), 1024);
    RequestMemory.Account other = account(4);
    assertThat(other.take(TOTAL / 4)).isTrue();
    assertThat(other.take(1)).isFalse();
  }

  /** What is left for a newcomer, however many take all they can: a share as they have. */
  @Test
  void take_besideSixtyFourHogs_getsASixtyFifthAtLeast() {
    List<RequestMemory.Account> hogs = new ArrayList<>();
    for (int i = 0; i < 64; i++) {
      hogs.add(account(100 + i));
    }
    boolean more = true;
    while (more) { // all at once, which is the worst for who comes then
      more = false;
      for (RequestMemory.Account hog : hogs) {
        more |= hog.take(64);
      }
    }
    assertThat(memory.heldBytes()).isLessThan(TOTAL);
    assertThat(account(4).take(TOTAL / 65 / 2)).isTrue();
  }

  @Test
  void take_refused_takesNothingAndSaysWhatWasTooMuch() {
    RequestMemory.Account account = account(3);
    assertThat(account.take(1000)).isTrue();
    assertThat(account.take(TOTAL)).isFalse();
    assertThat(memory.heldBytes()).isEqualTo(1000);
    assertThat(account.refusal(TOTAL))
        .isEqualTo(
            "too much is being sent at once: 1000 bytes of this source are held and 25165824 more"
                + " were wanted; allowed are 12582912 now");
  }

  @Test
  void open_ofOneSourceTwice_isOneAccount() {
    assertThat(account(3).take(TOTAL / 2)).isTrue();
    assertThat(account(3).take(1)).isFalse();
  }

  /** A source that connects again and again has what its former connections still wait for. */
  @Test
  void open_afterTheLastClosedAndSomethingIsHeld_isTheSameAccount() {
    RequestMemory.Account former = account(3);
    assertThat(former.take(TOTAL / 2)).isTrue();
    former.close();

    RequestMemory.Account next = account(3);
    assertThat(next.take(1)).isFalse();
    former.give(TOTAL / 2);
    assertThat(next.take(TOTAL / 2)).isTrue();
    next.give(TOTAL / 2);
    next.close();
    assertThat(memory.accounts()).isZero();
  }

  @Test
  void owe_moreThanTheRuleAllows_isHeldAndRefusesWhatComesNext() {
    RequestMemory.Charge charge = new RequestMemory.Charge(account(3));
    charge.owe(TOTAL);
    assertThat(memory.heldBytes()).isEqualTo(TOTAL);
    assertThat(charge.take(1)).isFalse();
    charge.release();
    assertThat(memory.heldBytes()).isZero();
  }

  /** They cannot be told from each other, and could be as many as they like. */
  @Test
  void open_ofPeersThatAreRefused_isOneAccountForAll() {
    RequestMemory.Account one = memory.open(refused("from 10.0.0.1"));
    assertThat(one.take(TOTAL / 2)).isTrue();
    assertThat(memory.open(refused("from 10.0.0.2")).take(1)).isFalse();
  }

  private static SourceIdentity refused(String reason) {
    return new SourceIdentity.Refused(SourceIdentity.Refused.Cause.values()[0], reason);
  }

  @Test
  void release_givesAllBackOnce() {
    RequestMemory.Account account = account(3);
    RequestMemory.Charge charge = new RequestMemory.Charge(account);
    assertThat(charge.take(500)).isTrue();
    charge.give(100);
    charge.release();
    charge.release();
    charge.give(100);
    assertThat(memory.heldBytes()).isZero();
  }

  /** Whatever comes in whatever order: never more than the total, and nothing is left over. */
  @Test
  void heldBytes_ofRandomSources_neverMoreThanTheTotal() {
    Random random = Seed.random("RequestMemoryTest");
    List<RequestMemory.Charge> charges = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      charges.add(new RequestMemory.Charge(account(random.nextInt(80))));
    }
    for (int i = 0; i < 20_000; i++) {
      RequestMemory.Charge one = charges.get(random.nextInt(charges.size()));
      if (random.nextInt(4) > 0) {
        boolean unused = one.take(random.nextInt(1 << 20));
      } else {
        one.release();
      }
      assertThat(memory.heldBytes()).isBetween(0L, TOTAL);
    }
    charges.forEach(RequestMemory.Charge::release);
    assertThat(memory.heldBytes()).isZero();
  }
}
