package org.vmlog.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

class DescriptorLimitTest {
  @Test
  void parse_kernelsTable_answersTheSoftLimit() throws IOException {
    assertThat(
            DescriptorLimit.parse(
                List.of(
                    "Limit                     Soft Limit           Hard Limit           Units     ",
                    "Max processes             95000                95000                processes ",
                    "Max open files            1024                 524288               files     ")))
        .isEqualTo(1024);
  }

  @Test
  void parse_unlimited_isAsManyAsThereAre() throws IOException {
    assertThat(DescriptorLimit.parse(List.of("Max open files  unlimited  unlimited  files")))
        .isEqualTo(Integer.MAX_VALUE);
  }

  @Test
  void parse_withoutTheLine_saysWhatIsMissing() {
    assertThatThrownBy(() -> DescriptorLimit.parse(List.of()))
        .hasMessage("/proc/self/limits has no line \"Max open files\"");
  }

  @Test
  void ofThisProcess_isWhatItsShellWouldSay() throws IOException {
    assertThat(DescriptorLimit.ofThisProcess()).isGreaterThan(64);
  }
}
