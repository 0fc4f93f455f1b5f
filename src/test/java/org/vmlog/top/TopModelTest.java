package org.vmlog.top;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.vmlog.scrape.MetricsPage;

/** The screen, as keys change it; without a terminal. */
class TopModelTest {
  private static final InstantSource CLOCK =
      InstantSource.fixed(Instant.parse("2026-11-21T12:00:00Z"));
  private static final String HELP =
      "q quit  / filter  sort: n r b d u l  c command  Enter the VM's  arrows";

  private final TopModel model = new TopModel(new TopView(Order.RECORDS, false, List.of()), CLOCK);

  @Test
  void screen_ofTwoLooks_hasRatesAndWhatWasDropped() {
    count(0, page(100, 4000, 0), page(10, 300, 0).replace("web-1", "db-1"));
    count(2, page(140, 5024, 12), page(10, 300, 0).replace("web-1", "db-1"));
    assertThat(text(100, 8))
        .containsExactly(
            "vmlog top   2 of 2 sources   20.0 records/s   512 B/s   disk 3.0 MiB of 1.0 GiB",
            "by records",
            "  VM           RECORDS/S    BYTES/S CONN REFUSED QUOTA  LAST  DROPPED",
            "> alice/web-1       20.0      512 B    1       3   25%    5s  12 rate-limit, 1 line-cut",
            "  alice/db-1         0.0        0 B    1       3     -    5s  1 line-cut",
            "",
            "",
            HELP);
    assertThat(model.screen(100, 8).get(3).style()).isEqualTo(ScreenLine.Style.SELECTED);
    press("j");
    assertThat(model.screen(100, 8).get(3).style()).isEqualTo(ScreenLine.Style.ALERT);
    assertThat(model.screen(100, 8).get(4).style()).isEqualTo(ScreenLine.Style.SELECTED);
  }

  @Test
  void screen_beforeTheSecondLook_hasNoRates() {
    count(0, page(100, 4000, 12));
    assertThat(text(100, 6).get(3)).startsWith("> alice/web-1        0.0        0 B ");
    assertThat(model.screen(100, 6).get(3).style()).isEqualTo(ScreenLine.Style.SELECTED);
  }

  @Test
  void screen_afterTheForwarderBeganAnew_countsFromZero() {
    count(0, page(100, 4000, 12));
    count(1, page(7, 100, 0));
    assertThat(text(100, 6).get(3)).startsWith("> alice/web-1        7.0      100 B ");
  }

  @Test
  void sourceThatIsNew_hasAllOfItsCountsAsItsRate() {
    count(0, page(100, 4000, 0));
    count(1, page(100, 4000, 0), page(5, 50, 0).replace("web-1", "db-1"));
    assertThat(text(100, 7).get(3)).startsWith("> alice/db-1         5.0       50 B ");
  }

  @Test
  void keys_sortAndTurnTheOrderRound() {
    count(0, page(1, 900, 0), page(2, 100, 7).replace("web-1", "db-1"));
    count(1, page(2, 1900, 0), page(9, 200, 9).replace("web-1", "db-1"));
    assertThat(order("r")).containsExactly("web-1", "db-1"); // once more: the least first
    assertThat(order("r")).containsExactly("db-1", "web-1");
    assertThat(order("b")).containsExactly("web-1", "db-1");
    assertThat(order("b")).containsExactly("db-1", "web-1");
    assertThat(order("d")).containsExactly("db-1", "web-1");
    assertThat(order("n")).containsExactly("db-1", "web-1");
    assertThat(order("n")).containsExactly("web-1", "db-1");
    assertThat(order("u")).containsExactly("web-1", "db-1");
    assertThat(order("l")).containsExactly("db-1", "web-1"); // as late: by name
    assertThat(text(80, 7).get(1)).isEqualTo("by last");
    press("l");
    assertThat(text(80, 7).get(1)).isEqualTo("by last, the least first");
  }

  @Test
  void slash_takesGlobsUntilEnter_andEscapeTakesThemAway() {
    count(0, page(1, 1, 0), page(1, 1, 0).replace("web-1", "db-1"));
    press("/w*x");
    assertThat(text(80, 8).get(7)).isEqualTo("filter: w*x_");
    assertThat(text(80, 8).get(3)).contains("db-1");
    press("\u007f !*-2\r");
    assertThat(text(80, 8).get(1)).isEqualTo("by records   only w* !*-2");
    assertThat(text(80, 8).get(0)).startsWith("vmlog top   1 of 2 sources ");
    assertThat(text(80, 8).get(3)).contains("web-1");
    assertThat(text(80, 8).get(4)).isEmpty();
    press("/zzz\u001b");
    assertThat(text(80, 8).get(1)).isEqualTo("by records   only w* !*-2");
    press("\u001b");
    assertThat(text(80, 8).get(1)).isEqualTo("by records");
  }

  @Test
  void commands_thatWereShown_areKeptOnceEach() {
    count(0, page(1, 1, 0), page(1, 1, 0).replace("web-1", "it's"));
    press("bb/a*/*\rc");
    assertThat(text(80, 8).get(7)).isEqualTo("vmlog top --sort=bytes --reverse 'a*/*'");
    press("\r");
    assertThat(text(80, 8).get(7)).isEqualTo("vmlog status alice/web-1");
    press("j\rc");
    assertThat(model.commands())
        .containsExactly(
            "vmlog top --sort=bytes --reverse 'a*/*'",
            "vmlog status alice/web-1",
            "vmlog status 'alice/it'\\''s'");
    press("x");
    assertThat(text(80, 8).get(7)).isEqualTo(HELP);
  }

  @Test
  void selection_staysWithItsSourceAndOnTheScreen() {
    String[] pages = new String[9];
    for (int i = 0; i < pages.length; i++) {
      pages[i] = page(i, i, 0).replace("web-1", "vm-" + i);
    }
    count(0, pages);
    press("n");
    for (int i = 0; i < 5; i++) {
      model.press(Key.Special.DOWN);
    }
    assertThat(text(80, 7).subList(3, 6).toString()).contains("  alice/vm-4 ", "> alice/vm-5 ");
    press("n");
    assertThat(text(80, 7).toString()).contains("> alice/vm-5 ");
    model.press(Key.Special.PAGE_UP);
    assertThat(text(80, 7).toString()).contains("> alice/vm-8 ");
    model.press(Key.Special.PAGE_DOWN);
    assertThat(text(80, 7).toString()).contains("> alice/vm-5 ");
    press("jjjjjjjjjj");
    assertThat(text(80, 7).toString()).contains("> alice/vm-0 ");
  }

  @Test
  void names_thatAreHostile_areHarmlessInEveryLine() {
    String evil = "\u001b]0;x\u0007\u202e\u009b2J";
    count(0, page(1, 1, 9).replace("web-1", evil).replace("rate_limit", "\u001b[2J"));
    press("/" + evil + "*\r\rc");
    assertThat(text(200, 8).toString()).doesNotContain("\u001b", "\u0007", "\u202e", "\u009b");
    assertThat(model.commands().toString()).doesNotContain("\u001b", "\u0007", "\u202e", "\u009b");
  }

  @Test
  void screen_thatIsNarrow_cutsLinesByCells() {
    count(0, page(1, 1, 0).replace("web-1", "\u6f22\u5b57\u6f22\u5b57\u6f22\u5b57"));
    assertThat(text(9, 5).get(3)).isEqualTo("> alice/");
    assertThat(text(10, 5).get(3)).isEqualTo("> alice/\u6f22");
    assertThat(text(80, 2)).hasSize(2);
    assertThat(text(100, 5).get(3)).contains("\u6f22\u5b57\u6f22\u5b57\u6f22\u5b57       0.0 ");
  }

  @Test
  void failure_isShownUntilTheNextLook_overWhatWasKnown() {
    model.fail("the forwarder does not answer: no");
    assertThat(model.screen(80, 5).get(1))
        .isEqualTo(new ScreenLine("the forwarder does not answer: no", ScreenLine.Style.ALERT));
    count(0, page(1, 1, 0));
    model.fail("gone");
    assertThat(text(80, 5).subList(1, 4).toString()).contains("gone", "web-1");
    count(1, page(1, 1, 0));
    assertThat(text(80, 5).get(1)).isEqualTo("by records");
  }

  @Test
  void q_endsIt_unlessItIsTyped() {
    press("/q");
    assertThat(model.isOver()).isFalse();
    press("\rq");
    assertThat(model.isOver()).isTrue();
  }

  @Test
  void sources_ofEachKind_haveTheNamesOfTheirLogs() {
    count(
        0,
        """
        vmlog_source_records_total{kind="component",name="shop/eu/cart",owner=""} 1
        vmlog_source_records_total{kind="component",name="cart",owner=""} 1
        vmlog_source_records_total{kind="user",name="1000",owner=""} 1
        vmlog_source_records_total{kind="anonymous",name="42",owner=""} 1
        vmlog_source_records_total{kind="rest",name="",owner=""} 1
        vmlog_log_size_bytes{log="@realms/shop/eu/cart.log"} 512
        vmlog_log_size_bytes{log="@host/1000.log"} 256
        vmlog_log_quota_bytes 1024
        """);
    press("n");
    assertThat(text(80, 9).subList(3, 8))
        .extracting(line -> line.substring(2).replaceAll(" .* (\\S+) +- +0$", " $1"))
        .containsExactly(
            "@host/1000 25%",
            "@realms/cart -", "@realms/shop/eu/cart 50%", "@rest/all -", "@unknown/42 -");
    press("jjjj\r");
    assertThat(text(80, 9).get(8)).isEqualTo("vmlog vm start OWNER/NAME --cid=42");
  }

  private List<String> order(String key) {
    press(key);
    return text(80, 7).subList(3, 5).stream()
        .map(line -> line.substring(2).split(" ", 2)[0].replace("alice/", ""))
        .toList();
  }

  private List<String> text(int width, int height) {
    List<ScreenLine> lines = model.screen(width, height);
    assertThat(lines).hasSize(height);
    return lines.stream().map(ScreenLine::text).toList();
  }

  private void press(String keys) {
    keys.codePoints().forEach(c -> model.press(new Key.Typed(c)));
  }

  private void count(int second, String... pages) {
    String disk =
        """
        vmlog_disk_used_bytes 3145728
        vmlog_disk_capacity_bytes 1073741824
        vmlog_log_quota_bytes 4194304
        vmlog_log_size_bytes{log="alice/web-1.log"} 1048576
        """;
    String text = String.join("", pages);
    model.update(
        Snapshot.of(
            MetricsPage.parse(text.contains("quota") ? text : text + disk),
            second * 1_000_000_000L));
  }

  /** What a forwarder says of alice/web-1. */
  private static String page(long records, long bytes, long dropped) {
    return """
        vmlog_source_connections_open{kind="vm",name="web-1",owner="alice"} 1
        vmlog_source_records_total{kind="vm",name="web-1",owner="alice",severity="err"} 0
        vmlog_source_records_total{kind="vm",name="web-1",owner="alice",severity="info"} %d
        vmlog_source_written_bytes_total{kind="vm",name="web-1",owner="alice",severity="info"} %d
        vmlog_source_records_dropped_total{kind="vm",name="web-1",owner="alice",reason="rate_limit"} %d
        vmlog_source_records_dropped_total{kind="vm",name="web-1",owner="alice",reason="line_cut"} 1
        vmlog_source_records_dropped_total{kind="vm",name="web-1",owner="alice",reason="pipe_full"} 0
        vmlog_source_requests_refused_total{kind="vm",name="web-1",owner="alice",reason="malformed"} 3
        vmlog_source_queue_bytes{kind="vm",name="web-1",owner="alice"} 0
        vmlog_source_last_written_timestamp_seconds{kind="vm",name="web-1",owner="alice"} 1.795262395E9
        """
        .formatted(records, bytes, dropped);
  }
}
