package org.vmlog.record;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.vmlog.fuzz.Corpus;
import org.vmlog.fuzz.FuzzInput;

/**
 * The walk against protobuf's generated classes: the same records or both refuse; what a look ahead
 * promises is so; no more records than allowed; nothing behind the request's end is read.
 */
public class RequestCursorFuzzTest {
  private static final int MUTANTS = 60_000;

  @Test
  void next_anyBytes_asTheGeneratedClasses() throws Exception {
    Corpus.of(getClass()).check(RequestCursorFuzzTest::fuzzerTestOneInput, MUTANTS);
  }

  public static void fuzzerTestOneInput(byte[] bytes) {
    FuzzInput input = new FuzzInput(bytes);
    int maxRecords = input.nextBoolean() ? Integer.MAX_VALUE : input.below(8);
    int checkAt = input.below(8);
    byte[] request = input.rest();

    Optional<List<SeenRecord>> expected = SeenRecord.generated(request);
    // Behind the request stands another record, which is not to be seen.
    byte[] array = Arrays.copyOf(request, request.length + 4);
    System.arraycopy(new byte[] {0x0A, 2, 0x08, 1}, 0, array, request.length, 4);
    RequestCursor cursor = new RequestCursor(maxRecords);
    cursor.start(array, 0, request.length);

    List<SeenRecord> seen = new ArrayList<>();
    int promised = -1;
    try {
      LogEntry entry = new LogEntry();
      do {
        if (seen.size() == checkAt && promised < 0) {
          promised = checkAt + cursor.checkRest();
        }
      } while (cursor.next(entry) && seen.add(SeenRecord.of(entry)));
    } catch (MalformedRequestException e) {
      assertThat(expected).isEmpty();
      assertThat(promised).isNegative();
      return;
    } catch (TooManyRecordsException e) {
      // It may be malformed as well, further on.
      assertThat(expected.map(List::size).orElse(Integer.MAX_VALUE)).isGreaterThan(maxRecords);
      assertThat(promised).isNegative();
      assertThat(seen).hasSize(Math.min(checkAt, maxRecords));
      return;
    } catch (RequestException e) {
      throw new AssertionError("a third kind", e);
    }
    assertThat(Optional.of(seen)).isEqualTo(expected);
    assertThat(seen.size()).isLessThanOrEqualTo(maxRecords);
    assertThat(cursor.recordsSeen()).isEqualTo(seen.size());
    if (promised >= 0) {
      assertThat(seen).hasSize(promised);
    }
  }
}
