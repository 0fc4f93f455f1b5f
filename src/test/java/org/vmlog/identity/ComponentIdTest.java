package org.vmlog.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Monikers and the paths of realms. */
class ComponentIdTest {
  @ParameterizedTest
  @ValueSource(strings = {"cart", "shop/cart", "a/b/c/d", "sh op/cärt.service@1"})
  void parse_moniker_isWhatToStringSays(String moniker) {
    assertThat(ComponentId.parse(moniker)).hasToString(moniker);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          ``          | component name "" has 0 bytes; allowed are 1 to 255
          /cart       | a moniker begins with a slash, which is not allowed
          shop/       | component name "" has 0 bytes; allowed are 1 to 255
          shop//cart  | realm label "" has 0 bytes; allowed are 1 to 32
          """)
  void parse_whatIsNoMoniker_saysWhatIsAllowed(String moniker, String message) {
    assertThatThrownBy(() -> ComponentId.parse(moniker))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }

  @Test
  void lengths_areOfUtf8() {
    assertThat(new ComponentId(RealmPath.parse("é".repeat(16)), "é".repeat(127) + "n")).isNotNull();
    assertThatThrownBy(() -> RealmPath.parse("é".repeat(16) + "n"))
        .hasMessageEndingWith(" has 33 bytes; allowed are 1 to 32");
    assertThatThrownBy(() -> new ComponentId(RealmPath.HERE, "é".repeat(128)))
        .hasMessageEndingWith(" has 256 bytes; allowed are 1 to 255");
    assertThatThrownBy(() -> RealmPath.parse("x/".repeat(50) + "x"))
        .hasMessage("a realm 51 deep; allowed are 50");
    assertThat(RealmPath.parse("x/".repeat(49) + "x").depth()).isEqualTo(50);
  }

  @Test
  void names_withControlCharactersOrHalfACharacter_areRefusedAndNotRepeated() {
    for (String name : List.of("a\nb", "a\u0000", "\u007f", "\u0085", "x\ud800")) {
      assertThatThrownBy(() -> new ComponentId(RealmPath.HERE, name))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("?")
          .hasMessageNotContaining(name);
    }
  }

  @Test
  void component_textsThatAreTooLong_areRefused() {
    ComponentId cart = ComponentId.parse("cart");
    assertThatThrownBy(() -> new SourceIdentity.Component(cart, "u".repeat(1025), ""))
        .hasMessageEndingWith(" has 1025 bytes; allowed are 1024");
    assertThatThrownBy(() -> new SourceIdentity.Component(cart, "", "i".repeat(33)))
        .hasMessageEndingWith(" has 33 bytes; allowed are 32");
  }

  @Test
  void from_anObserver_isThePathBetween() {
    RealmPath deep = RealmPath.parse("a/b/c");
    assertThat(deep.from(RealmPath.HERE)).isEqualTo(deep);
    assertThat(deep.from(RealmPath.parse("a"))).hasToString("b/c");
    assertThat(deep.from(deep)).isEqualTo(RealmPath.HERE);
    assertThat(deep.isIn(RealmPath.parse("a/b"))).isTrue();
    assertThat(deep.isIn(RealmPath.parse("a/c"))).isFalse();
    assertThatThrownBy(() -> deep.from(RealmPath.parse("b")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a/b/c is not in b");
  }

  @Test
  void parentAndChild_goUpAndDown() {
    RealmPath a = RealmPath.HERE.child("a");
    assertThat(a.child("b")).hasToString("a/b");
    assertThat(a.child("b").parent()).isEqualTo(a);
    assertThat(a.child("b").label()).isEqualTo("b");
    assertThatThrownBy(RealmPath.HERE::parent).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(RealmPath.HERE::label).isInstanceOf(IllegalStateException.class);
  }
}
