package org.vmlog.ship;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.vmlog.logs.LogName;
import org.vmlog.view.LogLine;

/** What {@link OtlpEncoder} wrote, which its own test holds against OpenTelemetry's classes. */
class LogsDataReaderTest {
  private static final InstantSource CLOCK =
      InstantSource.fixed(Instant.parse("2026-03-02T00:00:00Z"));
  private static final LogSource SOURCE = new LogSource("al%20ice/web", "al ice", "web");

  private final OtlpEncoder encoder =
      new OtlpEncoder(new HostFacts("host-1", "rack3"), "vmlog", ZoneOffset.UTC, CLOCK, 1 << 20);
  private final LogsDataReader reader = new LogsDataReader(CLOCK);
  private final List<FleetLine> lines = new ArrayList<>();

  @Test
  void read_whatWasEncoded_isTheSameLines() throws IOException {
    String text =
        "<11>1 2026-03-01T12:00:00.000007+01:00 web - - - [vm@32473 owner=\"a\" cid=\"42\"] app[7]:"
            + " é\n"
            + "<6>Mar  1 11:00:01 web kernel: up\n"
            + "neither\n";
    byte[] bytes = text.getBytes(UTF_8);
    read(encoder.encode(new Batch(SOURCE, 255, 10, bytes, bytes.length, 3)).get(0));

    LogLine first = lines.get(0).line();
    assertThat(first.log()).isEqualTo(new LogName("rack3", "al ice", "web"));
    assertThat(first.line().micros()).isEqualTo(1_772_362_800_000_007L);
    assertThat(first.line().severity()).isEqualTo(3);
    assertThat(first.line().cid()).isEqualTo(42);
    assertThat(first.line().tag()).isEqualTo("app");
    assertThat(first.line().content()).isEqualTo("app[7]: é");
    assertThat(first.line().toString())
        .isEqualTo(
            "<11>1 2026-03-01T11:00:00.000007Z web - - - [vm@32473 owner=\"al ice\" name=\"web\""
                + " cid=\"42\" channel=\"user\" host=\"rack3\""
                + " id=\"host-1/al%20ice/web/00000000000000ff@10\"] app[7]: é");
    assertThat(lines.get(1).line().line().facility()).isZero();
    assertThat(lines)
        .extracting(one -> one.line().line().content())
        .containsExactly("app[7]: é", "kernel: up", "neither");
    assertThat(lines.get(2).line().line().micros())
        .as("without a time, when it was shipped")
        .isEqualTo(CLOCK.millis() * 1000);
  }

  @Test
  void read_gap_isAWarning() throws IOException {
    read(encoder.encode(new Gap(SOURCE, 255, 10, 30)).get(0));
    assertThat(lines.get(0).id()).isEqualTo("host-1/al%20ice/web/00000000000000ff@10-30");
    assertThat(lines.get(0).line().line().severity()).isEqualTo(4);
  }

  @Test
  void read_noSuchMessage_throws() {
    assertThatThrownBy(() -> read("{\"ID\":\"x\"}".getBytes(UTF_8)))
        .isInstanceOf(IOException.class);
  }

  private void read(byte[] message) throws IOException {
    reader.read(message, lines::add);
  }
}
