package org.vmlog.route;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.vmlog.testing.Seed;

class SegmentQueueTest {
  private static final int SEGMENT = PipeMemory.SEGMENT_BYTES;

  @Test
  void addSnapshotConsume_atRandom_isAQueueOfBytes() {
    Random random = Seed.random("SegmentQueueTest");
    PipeMemory memory = new PipeMemory(64L * SEGMENT);
    memory.pipeOpened();
    SegmentQueue queue = new SegmentQueue(memory);
    ByteArrayOutputStream model = new ByteArrayOutputStream();
    for (int i = 0; i < 5000; i++) {
      if (random.nextInt(5) < 3) {
        byte[] bytes = bytes(random, random.nextInt(3) == 0 ? 3 * SEGMENT : 500);
        int offset = random.nextInt(bytes.length + 1);
        int length = random.nextInt(bytes.length - offset + 1);
        if (queue.add(bytes, offset, length)) {
          model.write(bytes, offset, length);
        } else {
          assertThat(queue.size() + length).isGreaterThan(60 * SEGMENT);
        }
      } else {
        byte[] before = model.toByteArray();
        assertThat(joined(queue.snapshot(queue.size()))).isEqualTo(before);
        int consumed = random.nextBoolean() ? before.length : random.nextInt(before.length + 1);
        queue.consume(consumed);
        model.reset();
        model.write(before, consumed, before.length - consumed);
      }
      assertThat(queue.size()).isEqualTo(model.size());
    }
    queue.consume(queue.size());
    assertThat(queue.snapshot(queue.size())).isEmpty();
    assertThat(memory.sharedBytes()).isZero();
  }

  @Test
  void snapshot_whileMoreIsAdded_keepsWhatItHeld() {
    PipeMemory memory = new PipeMemory(16L * SEGMENT);
    memory.pipeOpened();
    SegmentQueue queue = new SegmentQueue(memory);
    byte[] first = bytes(new Random(1), SEGMENT + 100);
    assertThat(queue.add(first, 0, first.length)).isTrue();
    ByteBuffer[] snapshot = queue.snapshot(queue.size());

    byte[] second = bytes(new Random(2), 2 * SEGMENT);
    assertThat(queue.add(second, 0, second.length)).isTrue();

    assertThat(joined(snapshot)).isEqualTo(first);
    queue.consume(first.length);
    assertThat(joined(queue.snapshot(queue.size()))).isEqualTo(second);
  }

  @Test
  void add_memoryDoesNotReach_takesNothing() {
    PipeMemory memory = new PipeMemory(4L * SEGMENT);
    memory.pipeOpened();
    SegmentQueue queue = new SegmentQueue(memory);
    byte[] bytes = bytes(new Random(1), 10 * SEGMENT);
    assertThat(queue.add(bytes, 0, 100)).isTrue();

    assertThat(queue.add(bytes, 0, 4 * SEGMENT)).isFalse();

    assertThat(queue.size()).isEqualTo(100);
    assertThat(memory.sharedBytes()).isZero();
    assertThat(queue.add(bytes, 100, 4 * SEGMENT - 100)).isTrue();
    assertThat(joined(queue.snapshot(queue.size())))
        .isEqualTo(java.util.Arrays.copyOf(bytes, 4 * SEGMENT));
  }

  @Test
  void add_othersHoldEverythingShared_stillHasItsGuarantee() {
    PipeMemory memory = new PipeMemory(8L * SEGMENT);
    List<SegmentQueue> queues = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      memory.pipeOpened();
      queues.add(new SegmentQueue(memory));
    }
    byte[] bytes = new byte[LogPipe.CHUNK_BYTES];
    SegmentQueue greedy = queues.get(0);
    while (greedy.add(bytes, 0, SEGMENT)) {
      assertThat(greedy.size()).isLessThanOrEqualTo(8 * SEGMENT);
    }

    assertThat(memory.sharedBytes()).isEqualTo(2L * SEGMENT);
    assertThat(greedy.size()).isEqualTo(4 * SEGMENT);
    assertThat(queues.get(1).add(bytes, 0, LogPipe.CHUNK_BYTES)).isTrue();
    assertThat(queues.get(2).add(bytes, 0, LogPipe.CHUNK_BYTES)).isTrue();
    assertThat(queues.get(1).add(bytes, 0, 1)).isFalse();
  }

  @Test
  void add_morePipesThanTheBudgetHolds_guaranteesStand() {
    PipeMemory memory = new PipeMemory(2L * SEGMENT);
    byte[] bytes = new byte[LogPipe.CHUNK_BYTES];
    for (int i = 0; i < 10; i++) {
      memory.pipeOpened();
      assertThat(new SegmentQueue(memory).add(bytes, 0, bytes.length)).isTrue();
    }
    assertThat(memory.sharedBytes()).isZero();
  }

  private static byte[] bytes(Random random, int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  private static byte[] joined(ByteBuffer[] parts) {
    ByteArrayOutputStream joined = new ByteArrayOutputStream();
    for (ByteBuffer part : parts) {
      byte[] piece = new byte[part.remaining()];
      part.get(piece);
      joined.writeBytes(piece);
    }
    return joined.toByteArray();
  }
}
