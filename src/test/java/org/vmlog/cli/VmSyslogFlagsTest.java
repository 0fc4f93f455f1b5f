package org.vmlog.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/** The quick way through vm-syslog's command line, and that it leads nowhere else. */
class VmSyslogFlagsTest {
  @Test
  void flags_areTheCommandsOptionsWithAValue() {
    assertThat(VmSyslog.FLAGS)
        .isEqualTo(
            new CommandLine(new VmSyslogCommand())
                .getCommandSpec().options().stream()
                    .filter(option -> option.arity().min() > 0)
                    .map(OptionSpec::longestName)
                    .collect(Collectors.toSet()));
  }

  @Test
  void plain_namesAndValues_areTaken() {
    assertThat(VmSyslog.plain()).contains(Map.of());
    assertThat(VmSyslog.plain("--kmsg", "none", "--host", "unix:/x"))
        .contains(Map.of("--kmsg", "none", "--host", "unix:/x"));
  }

  @Test
  void plain_anythingElse_isLeftToTheCommand() {
    assertThat(VmSyslog.plain("--help")).isEmpty();
    assertThat(VmSyslog.plain("--kmsg")).isEmpty();
    assertThat(VmSyslog.plain("--kmsg", "--host", "x")).isEmpty();
    assertThat(VmSyslog.plain("--kmsg", "a", "--kmsg", "b")).isEmpty();
    assertThat(VmSyslog.plain("--kmsg=none")).isEmpty();
    assertThat(VmSyslog.plain("--colour", "red")).isEmpty();
  }
}
