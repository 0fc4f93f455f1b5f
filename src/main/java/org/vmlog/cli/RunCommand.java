package org.vmlog.cli;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.vmlog.bus.BusException;
import org.vmlog.identity.ComponentId;
import org.vmlog.identity.RealmPath;
import org.vmlog.identity.SourceIdentity.Component;
import org.vmlog.realm.SinkRequest;
import org.vmlog.realm.dbus.ComponentSinks;
import org.vmlog.realm.run.ComponentCommand;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code vmlog run}: a command whose output is the log of a component. */
@Command(
    name = "run",
    description = {
      "Run a command as a component: each line that it writes is logged under the component's name.",
      "",
      "A line that begins with <N> has the severity N, 0 to 7. The command finds in $VMLOG_SINK the"
          + " path of a socket; programs that connect to it, and speak gRPC as a guest does, log as"
          + " this component, too. Signals are passed on, and the command's exit code is this"
          + " one's. What nobody takes within 30 s of its end, and what is refused, is written to"
          + " stderr.",
      ""
    },
    exitCodeList = {
      "N:the command's own; 128 and the signal's number if a signal ended it",
      "64:wrong usage, or a name that cannot be had",
      "69:the bus or the broker is not there",
      "77:permission denied",
      "126:the command cannot be run",
      "127:there is no such command"
    })
final class RunCommand extends BusCommand {
  /** With nobody taking the log. A host that is busy with starting many is no reason to give up. */
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private static final String SINK_VARIABLE = "VMLOG_SINK";

  @Option(
      names = "--realm",
      paramLabel = "REALM",
      converter = RealmConverter.class,
      defaultValue = "${env:" + InterceptCommand.REALM_VARIABLE + ":-}",
      description =
          "The realm it runs in: labels with slashes between them, such as shop/eu. Default:"
              + " $VMLOG_REALM, which vmlog intercept sets; without that, the root realm.")
  private RealmPath realm = RealmPath.HERE;

  @Option(
      names = "--name",
      paramLabel = "NAME",
      required = true,
      description = "The component's name.")
  private String name = "";

  @Option(
      names = "--url",
      paramLabel = "URL",
      description = "What it is that runs. Default: exec: and the command's first word.")
  private @Nullable String url;

  @Option(
      names = "--instance-id",
      paramLabel = "ID",
      description =
          "Tells this start from others, in at most 32 bytes. Default: $INVOCATION_ID, which systemd"
              + " sets, or one of this process's.")
  private @Nullable String instanceId;

  @Option(
      names = {"-p", "--priority"},
      paramLabel = "SEVERITY",
      converter = SeverityConverter.class,
      defaultValue = "info",
      description = "Of lines that do not say theirs. Default: ${DEFAULT-VALUE}.")
  private int priority;

  @Option(
      names = "--stderr-priority",
      paramLabel = "SEVERITY",
      converter = SeverityConverter.class,
      description = "The same of lines on stderr. Default: that of --priority.")
  private @Nullable Integer errorPriority;

  @Option(
      names = "--no-level-prefix",
      description = "Take <N> at a line's beginning for a part of the line.")
  private boolean noLevelPrefix;

  @Option(
      names = "--sink-fd",
      description =
          "Give the command a connection of its own as descriptor 3, and $VMLOG_SINK_FD=3. It can be"
              + " used whatever user the command becomes.")
  private boolean sinkDescriptor;

  @Parameters(arity = "1..*", paramLabel = "CMD", description = "What to run. Write -- before it.")
  private List<String> command = List.of();

  @Override
  String service() {
    return "vmlog-realmd";
  }

  @Override
  int run() throws BusException, InterruptedException {
    SinkRequest component = new SinkRequest(component(), true, true);
    try (ComponentSinks sinks = ComponentSinks.open(bus(), component)) {
      ComponentCommand.Settings settings =
          new ComponentCommand.Settings(
              command,
              sinkDescriptor,
              Map.of(SINK_VARIABLE, sinks.path().toString()),
              priority,
              Optional.ofNullable(errorPriority).orElse(priority),
              !noLevelPrefix,
              PATIENCE);
      ComponentCommand running = ComponentCommand.start(settings, sinks::openSink, System.err);
      running.forwardSignals();
      return running.await();
    } catch (IOException e) {
      warn(String.valueOf(e.getMessage()));
      return ExitCode.ofCommand(command.get(0), System.getenv().getOrDefault("PATH", ""));
    }
  }

  private Component component() {
    return new Component(
        new ComponentId(realm, name),
        Optional.ofNullable(url).orElse("exec:" + command.get(0)),
        Optional.ofNullable(instanceId).orElseGet(RunCommand::ownInstanceId));
  }

  /** A process id comes back, but not in the same second. */
  private static String ownInstanceId() {
    ProcessHandle own = ProcessHandle.current();
    long started = own.info().startInstant().map(instant -> instant.toEpochMilli()).orElse(0L);
    return Optional.ofNullable(System.getenv("INVOCATION_ID"))
        .filter(id -> !id.isEmpty() && id.length() <= Component.MAX_INSTANCE_ID_BYTES)
        .orElse(own.pid() + "-" + started);
  }
}
