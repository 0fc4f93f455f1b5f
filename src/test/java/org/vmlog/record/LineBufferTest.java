package org.vmlog.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class LineBufferTest {

  @Test
  void grow_largerCapacity_keepsTheContent() {
    LineBuffer buffer = new LineBuffer(2);
    buffer.put(new byte[] {1, 2});
    buffer.grow(5);
    assertThat(buffer.bytes()).containsExactly(1, 2, 0, 0, 0);
    assertThat(buffer.position()).isEqualTo(2);
    assertThat(buffer.remaining()).isEqualTo(3);
    buffer.grow(1);
    assertThat(buffer.capacity()).isEqualTo(5);
  }

  @Test
  void position_back_takesOffWhatIsBehind() {
    LineBuffer buffer = new LineBuffer(3);
    buffer.put((byte) 1);
    int start = buffer.position();
    buffer.put((byte) 2);
    buffer.position(start);
    assertThat(buffer.remaining()).isEqualTo(2);
    buffer.clear();
    assertThat(buffer.remaining()).isEqualTo(3);
  }

  @Test
  void position_outsideTheBuffer_isRefused() {
    assertThatThrownBy(() -> new LineBuffer(3).position(4))
        .isInstanceOf(IndexOutOfBoundsException.class)
        .hasMessage("position 4 is not in 0..3, the capacity");
  }
}
