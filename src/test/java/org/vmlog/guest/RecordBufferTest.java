package org.vmlog.guest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.vmlog.guest.Records.ALL;
import static org.vmlog.guest.Records.DEBUG;
import static org.vmlog.guest.Records.ERROR;
import static org.vmlog.guest.Records.INFO;
import static org.vmlog.guest.Records.WARNING;
import static org.vmlog.guest.Records.entry;
import static org.vmlog.guest.Records.texts;
import static org.vmlog.record.Channel.KERNEL;
import static org.vmlog.record.Channel.USER;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.vmlog.record.Channel;

class RecordBufferTest {
  /** With it a segment holds ten records, no more. */
  private static final String FILLING = "x".repeat(350);

  private static final String TAG = "4  " + OwnRecords.tag();

  private final RecordBuffer buffer = Records.buffer(1024);

  @Test
  void take_ofSeveralSeverities_isInTheOrderOfArrival() {
    offer(USER, INFO, "a");
    offer(USER, ERROR, "b");
    offer(USER, DEBUG, "c");
    offer(USER, INFO, "d");

    assertThat(texts(take(USER))).containsExactly("6 a", "3 b", "7 c", "6 d");
    assertThat(buffer.take(USER, ALL)).isNull();
  }

  @Test
  void take_ofOneChannel_leavesTheOther() {
    offer(USER, INFO, "a");
    offer(KERNEL, INFO, "b");

    assertThat(texts(take(KERNEL))).containsExactly("6 b");
    assertThat(texts(take(USER))).containsExactly("6 a");
  }

  @Test
  void takeOldest_ofBothChannels_isOneRunAfterTheOther() {
    offer(USER, INFO, "a");
    offer(KERNEL, INFO, "b");
    offer(KERNEL, ERROR, "c");
    offer(USER, DEBUG, "d");

    List<String> taken = new ArrayList<>();
    for (Batch batch = buffer.takeOldest(ALL); batch != null; batch = buffer.takeOldest(ALL)) {
      taken.add(batch.channel() + " " + texts(batch));
    }
    assertThat(taken).containsExactly("USER [6 a]", "KERNEL [6 b, 3 c]", "USER [7 d]");
  }

  @Test
  void take_upToALimit_hasAsManyAsFitButOneAlways() {
    offer(USER, INFO, "1".repeat(100));
    offer(USER, INFO, "2".repeat(1000));
    offer(USER, INFO, "3".repeat(100));

    Batch first = buffer.take(USER, 200);
    Batch second = buffer.take(USER, 200);

    assertThat(first.records()).isEqualTo(1);
    assertThat(first.requestBytes()).isBetween(100, 200);
    assertThat(second.records()).isEqualTo(1);
    assertThat(second.requestBytes()).isGreaterThan(1000);
  }

  @Test
  void offer_aRecordLongerThanAPage_comesBackWhole() {
    String one = IntStream.range(0, 20_000).mapToObj(Integer::toString).reduce("", String::concat);
    offer(USER, INFO, "before");
    offer(USER, INFO, one);
    offer(USER, INFO, "after");

    assertThat(texts(take(USER))).containsExactly("6 before", "6 " + one, "6 after");
  }

  @Test
  void offer_withoutRoom_dropsTheOldestOfTheLeastSevereAndTells() {
    RecordBuffer small = Records.buffer(8);
    IntStream.range(0, 10).forEach(i -> small.offer(USER, entry(WARNING, FILLING + i)));
    IntStream.range(0, 40).forEach(i -> small.offer(USER, entry(DEBUG, FILLING + i)));
    IntStream.range(0, 40).forEach(i -> small.offer(USER, entry(INFO, FILLING + i)));

    List<String> left = Records.drain(small, USER);

    assertThat(left.get(0)).isEqualTo(TAG + "10 records dropped for want of room: 10 debug");
    assertThat(left.subList(1, 11)).allMatch(text -> text.startsWith("4 "));
    assertThat(left.get(11)).isEqualTo("7 " + FILLING + 10);
    assertThat(left).hasSize(1 + 10 + 30 + 40);
    assertThat(small.isEmpty()).isTrue();
  }

  @Test
  void offer_withoutRoomAmongMoreSevere_isItselfDropped() {
    RecordBuffer small = Records.buffer(4);
    IntStream.range(0, 40).forEach(i -> small.offer(USER, entry(ERROR, FILLING + i)));
    small.offer(KERNEL, entry(WARNING, FILLING));
    small.offer(USER, entry(DEBUG, FILLING));

    List<String> left = Records.drain(small, USER);

    assertThat(left.get(0))
        .isEqualTo(TAG + "2 records dropped for want of room: 1 debug, 1 warning");
    assertThat(left).hasSize(41);
    assertThat(Records.drain(small, KERNEL)).isEmpty();
  }

  @Test
  void offer_withoutRoomAmongEqualsOfBothChannels_dropsTheOlder() {
    RecordBuffer small = Records.buffer(2);
    IntStream.range(0, 10).forEach(i -> small.offer(KERNEL, entry(INFO, FILLING + i)));
    IntStream.range(0, 10).forEach(i -> small.offer(USER, entry(INFO, FILLING + i)));
    small.offer(USER, entry(INFO, FILLING + "new"));

    assertThat(Records.drain(small, KERNEL)).isEmpty();
    assertThat(Records.drain(small, USER)).hasSize(12).last().asString().endsWith("xnew");
  }

  @Test
  void offer_withoutRoom_leavesWhatIsUnderWay() {
    RecordBuffer small = Records.buffer(2);
    IntStream.range(0, 20).forEach(i -> small.offer(USER, entry(DEBUG, FILLING + i)));
    Batch underWay = small.take(USER, ALL);

    small.offer(USER, entry(ERROR, "lost"));

    assertThat(texts(underWay)).hasSize(20).last().isEqualTo("7 " + FILLING + 19);
    small.finish(underWay);
    small.offer(USER, entry(ERROR, "kept"));
    assertThat(Records.drain(small, USER))
        .containsExactly(TAG + "1 record dropped for want of room: 1 err", "3 kept");
  }

  @Test
  void finish_ofEverything_givesAllRoomBack() {
    RecordBuffer small = Records.buffer(16);
    for (int round = 0; round < 200; round++) {
      for (int i = 0; i < 16; i++) {
        Channel channel = i % 2 == 0 ? USER : KERNEL;
        small.offer(channel, entry(i / 2, FILLING + round));
      }
      assertThat(Records.drain(small, USER)).hasSize(8);
      assertThat(Records.drain(small, KERNEL)).hasSize(8);
    }
    assertThat(small.isEmpty()).isTrue();
  }

  @Test
  void takeFirst_ofABatch_isTwoWithEveryRecordOnce() {
    String big = "y".repeat(10_000);
    offer(USER, INFO, "a");
    offer(USER, INFO, big);
    offer(USER, DEBUG, "c");
    Batch rest = take(USER);

    Batch first = rest.takeFirst(2);

    assertThat(texts(first)).containsExactly("6 a", "6 " + big);
    assertThat(texts(rest)).containsExactly("7 c");
    buffer.finish(rest);
    assertThat(buffer.isEmpty()).isFalse();
    buffer.finish(first);
    assertThat(buffer.isEmpty()).isTrue();
  }

  @Test
  void number_ofBatches_goesOnFromOneToTheNext() {
    offer(USER, INFO, "a");
    offer(USER, INFO, "z".repeat(9000));
    Batch first = take(USER);
    offer(KERNEL, INFO, "c");
    Batch second = take(KERNEL);

    buffer.numberAfter(10);
    buffer.number(first);
    buffer.number(second);
    buffer.number(first);

    long number = first.firstNumber();
    assertThat(number).isGreaterThan(10);
    assertThat(first.lastNumber()).isEqualTo(number + 1);
    assertThat(second.firstNumber()).isGreaterThan(number + 1);
    assertThat(first.takeFirst(1).lastNumber()).isEqualTo(number);
    assertThat(first.firstNumber()).isEqualTo(number + 1);
  }

  @Test
  void finishRefused_isToldWithTheNext() {
    offer(USER, WARNING, "bad");
    buffer.finishRefused(take(USER));
    offer(USER, INFO, "good");

    assertThat(Records.drain(buffer, USER))
        .containsExactly(TAG + "1 record dropped by the host's refusal: 1 warning", "6 good");
  }

  private void offer(Channel channel, int severity, String content) {
    buffer.offer(channel, entry(severity, content));
  }

  private Batch take(Channel channel) {
    return buffer.take(channel, ALL);
  }
}
