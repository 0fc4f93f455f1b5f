package org.vmlog.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ClaimantTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "configuration",
        "concierge",
        "machined",
        "libvirt",
        "uid:0",
        "uid:1000",
        "uid:4294967295"
      })
  void parse_textForm_givesItBack(String text) {
    assertThat(Claimant.parse(text)).hasToString(text);
  }

  @Test
  void parse_uid_isThatUser() {
    assertThat(Claimant.parse("uid:1000")).isEqualTo(new Claimant.HostUser(1000));
    assertThat(Claimant.parse("uid:4294967295")).isEqualTo(new Claimant.HostUser(-1));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "Concierge", "uid:", "uid:-1", "uid:4294967296", "uid:x", "1000"})
  void parse_anythingElse_isRefused(String text) {
    assertThatThrownBy(() -> Claimant.parse(text)).isInstanceOf(IllegalArgumentException.class);
  }
}
