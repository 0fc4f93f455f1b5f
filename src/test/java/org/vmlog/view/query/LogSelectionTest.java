package org.vmlog.view.query;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LogSelectionTest {
  @ParameterizedTest
  @CsvSource({
    "'',alice,web-1,true",
    "web-1,alice,web-1,true",
    "web-1,alice,web-10,false",
    "web-1,alice,Web-1,false",
    "alice,alice,web-1,false",
    "web-*,alice,web-1,true",
    "web-*,alice,web-,true",
    "web-?,alice,web-1,true",
    "web-?,alice,web-10,false",
    "web-[1-3],alice,web-2,true",
    "web-[1-3],alice,web-4,false",
    "web-[!1-3],alice,web-4,true",
    "web-[!1-3],alice,web-2,false",
    "web-[]x],alice,web-],true",
    "web-[^x],alice,web-^,true",
    "web-[^x],alice,web-y,false",
    "web-[a&&b],alice,web-&,true",
    "web-[,alice,web-[,true",
    "w.b-1,alice,web-1,false",
    "(web),alice,(web),true",
    "web\\d,alice,web\\d,true",
    "alice/web-1,alice,web-1,true",
    "alice/web-1,bob,web-1,false",
    "alice/*,alice,web-1,true",
    "alice/*,alice2,web-1,false",
    "*/web-1,bob,web-1,true",
    "al*1,alice,web-1,false",
    "@realms/*,@realms/shop/eu,cart,true",
    "@realms/shop/*,@realms/shop/eu,cart,true",
    "*,alice,'two\nlines',true",
    "!web-1,alice,web-1,false",
    "!web-1,alice,db-1,true",
    "!alice/*,alice,db-1,false",
    "web-* !web-7,alice,web-7,false",
    "!web-7 web-*,alice,web-7,false",
    "!web-7 web-*,alice,web-6,true",
    "web-* db-*,bob,db-1,true",
    "!*,alice,web-1,false",
  })
  void globs_mean(String globs, String owner, String name, boolean meant) {
    assertThat(selection(globs).matches(owner, name)).isEqualTo(meant);
  }

  @ParameterizedTest
  @CsvSource({
    "web-1,true",
    "alice/web-1,true",
    "web-1 !db,true",
    "web-*,false",
    "web-?,false",
    "web-[1],false",
    "web-1 web-2,false",
    "'',false",
    "!web-1,false"
  })
  void isOne_ofOneNameWithoutWildcards(String globs, boolean one) {
    assertThat(selection(globs).isOne()).isEqualTo(one);
  }

  @Test
  void text_isWhatPutsIn() {
    assertThat(selection("web-* !web-7 db")).hasToString("web-* db");
    assertThat(selection("!web-7")).hasToString("");
  }

  private static LogSelection selection(String globs) {
    return new LogSelection(globs.isEmpty() ? List.of() : List.of(globs.split(" ")));
  }
}
