package org.vmlog.record;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.vmlog.testing.Seed;

/** The cursor against protobuf's generated classes: the same records, or both refuse. */
class RequestCursorProtobufTest {
  private static final int REQUESTS = 300_000;

  private final RequestCursor cursor = new RequestCursor(Integer.MAX_VALUE);
  private final LogEntry entry = new LogEntry();

  @Test
  void next_randomAndMutatedRequests_asTheGeneratedClasses() {
    Random random = Seed.random("request cursor");
    RandomRequest requests = new RandomRequest(random);
    int refused = 0;
    for (int i = 0; i < REQUESTS; i++) {
      byte[] request = requests.next();
      Optional<List<SeenRecord>> expected = SeenRecord.generated(request);
      Optional<List<SeenRecord>> actual = walked(request, random);
      if (!expected.equals(actual)) {
        assertThat(actual).as("request %s", HexFormat.of().formatHex(request)).isEqualTo(expected);
      }
      refused += expected.isEmpty() ? 1 : 0;
    }
    // Both kinds must be there for the comparison to mean anything.
    assertThat(refused).isBetween(REQUESTS / 10, REQUESTS * 9 / 10);
  }

  /** Looks ahead at a random place, which must change nothing and tell the truth. */
  private Optional<List<SeenRecord>> walked(byte[] request, Random random) {
    List<SeenRecord> seen = new ArrayList<>();
    int checkAt = random.nextInt(4);
    int promised = -1;
    cursor.start(request);
    try {
      while (true) {
        if (seen.size() == checkAt && promised < 0) {
          promised = seen.size() + cursor.checkRest();
        }
        if (!cursor.next(entry)) {
          break;
        }
        seen.add(SeenRecord.of(entry));
      }
    } catch (RequestException e) {
      assertThat(promised).as("records promised before: %s", e.getMessage()).isEqualTo(-1);
      return Optional.empty();
    }
    if (promised >= 0 && promised != seen.size()) {
      assertThat(seen).as(HexFormat.of().formatHex(request)).hasSize(promised);
    }
    return Optional.of(seen);
  }
}
