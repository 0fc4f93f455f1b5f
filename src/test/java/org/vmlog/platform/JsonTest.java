package org.vmlog.platform;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class JsonTest {
  @Test
  void of_everyKindOfValue_isOneLineOfAscii() {
    Map<String, Object> value = new LinkedHashMap<>();
    value.put("s", "a\"b\\c\n\u001b[31mü\u202e😀");
    value.put("n", 42L);
    value.put("b", true);
    value.put("l", List.of("x", "y"));
    value.put("m", Map.of("k", List.of()));

    assertThat(Json.of(value))
        .isEqualTo(
            "{\"s\":\"a\\\"b\\\\c\\u000a\\u001b[31m\\u00fc\\u202e\\ud83d\\ude00\",\"n\":42,"
                + "\"b\":true,\"l\":[\"x\",\"y\"],\"m\":{\"k\":[]}}");
  }
}
