package org.vmlog.record;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SourceLabelTest {

  @ParameterizedTest
  @CsvSource({
    "web-1, web-1",
    "A.z_09-, A.z_09-",
    "a b:c, a_b_c",
    "é, __",
    "<>, __",
    "'', vm",
  })
  void host_anyName_isSafe(String name, String host) {
    assertThat(text(SourceLabel.vm("alice", name, 3).hostField())).isEqualTo(host + " ");
  }

  @Test
  void host_longName_isCutAt63Bytes() {
    assertThat(text(SourceLabel.vm("alice", "x".repeat(62) + "é" + "y", 3).hostField()))
        .isEqualTo("x".repeat(62) + "_ ");
  }

  @Test
  void tag_vm_isItsUnsignedCid() {
    assertThat(text(SourceLabel.vm("alice", "web-1", 42).tag())).isEqualTo("VM(42): ");
    assertThat(text(SourceLabel.vm("alice", "web-1", 4_294_967_294L).tag()))
        .isEqualTo("VM(4294967294): ");
  }

  @Test
  void anonymous_anyCid_isNamedByIt() {
    SourceLabel label = SourceLabel.anonymous(0);
    assertThat(text(label.tag())).isEqualTo("VM(0): ");
    assertThat(text(label.hostField())).isEqualTo("cid-0 ");
    assertThat(text(label.structuredData())).isEqualTo("[vm@32473 owner=\"\" cid=\"0\" channel=\"");
  }

  @Test
  void component_anyName_isItsHostAndTag() {
    SourceLabel label = SourceLabel.component("disk ui");
    assertThat(text(label.tag())).isEqualTo("disk_ui: ");
    assertThat(label).hasToString("disk_ui");
  }

  @Test
  void component_thatWasVouchedFor_hasItsMonikerUrlAndInstance() {
    SourceLabel label =
        SourceLabel.component("disk ui", "shop/disk ui", "systemd:///ui.service", "i-1");
    assertThat(text(label.tag())).isEqualTo("disk_ui: ");
    assertThat(text(label.hostField())).isEqualTo("disk_ui ");
    assertThat(text(label.structuredData()))
        .isEqualTo(
            "[component@32473 moniker=\"shop/disk ui\" url=\"systemd:///ui.service\""
                + " instance=\"i-1\" channel=\"");
  }

  @Test
  void structuredData_hostileComponent_isScrubbedEscapedAndCut() {
    String quotes = "\"".repeat(1000);
    SourceLabel label = SourceLabel.component("n", quotes, "u\n" + quotes, "]\\");
    assertThat(text(label.structuredData()))
        .isEqualTo(
            "[component@32473 moniker=\"%s\" url=\"u#012%s\" instance=\"\\]\\\\\" channel=\""
                .formatted("\\\"".repeat(127), "\\\"".repeat(125)));
    assertThat(label.structuredData().length)
        .as("room for the rest of a line's head")
        .isLessThan(LineRenderer.MIN_CUT_BYTES - 300);
  }

  @Test
  void hostUser_uid_isItsHostAndTag() {
    SourceLabel label = SourceLabel.hostUser(1000);
    assertThat(text(label.tag())).isEqualTo("uid-1000: ");
    assertThat(text(label.hostField())).isEqualTo("uid-1000 ");
  }

  @Test
  void structuredData_hostileOwner_isScrubbedAndEscaped() {
    assertThat(text(SourceLabel.vm("a\"b\\c]d\n\u20ac[=$1", "web-1", 42).structuredData()))
        .isEqualTo("[vm@32473 owner=\"a\\\"b\\\\c\\]d#012\u20ac[=$1\" cid=\"42\" channel=\"");
  }

  @Test
  void structuredData_longOwner_isCutOnACharacter() {
    assertThat(text(SourceLabel.vm("x".repeat(254) + "é", "web-1", 42).structuredData()))
        .isEqualTo("[vm@32473 owner=\"" + "x".repeat(254) + "\" cid=\"42\" channel=\"");
  }

  private static String text(byte[] bytes) {
    return new String(bytes, UTF_8);
  }
}
