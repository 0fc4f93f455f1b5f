package org.vmlog.demo;

import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.logging.Level;
import org.freedesktop.dbus.exceptions.DBusException;
import org.vmlog.platform.StderrLog;

/**
 * {@code make demo}: VMs log to one host, one of them without an agent, and one turns hostile. Runs
 * until Ctrl-C, or for {@code DEMO_SECONDS}. Leaves its folder, and no process.
 */
public final class Demo {
  // sysexits(3)
  private static final int USAGE = 64;
  private static final int SOFTWARE = 70;

  /** In the demo's folder; it stands for /dev/log in that VM. */
  private static final String DEV_LOG_OF_DB_1 = "run/db-1.devlog";

  private static final int LINE_PAUSE_MILLIS = 150;
  private static final int EXHIBIT_PAUSE_MILLIS = 400;
  private static final int DAY_PAUSE_MILLIS = 500;

  private final Screen screen;
  private final Pace pace;
  private final DemoHost host;
  private final Path folder;

  private Demo(Screen screen, Pace pace, DemoHost host, Path folder) {
    this.screen = screen;
    this.pace = pace;
    this.host = host;
    this.folder = folder;
  }

  /** The program. */
  public static void main(String[] args) {
    StderrLog.install(Level.OFF); // the bus library complains when the bus goes first
    // System.exit, not a return: threads of libraries must not outlive the demo.
    try {
      run(seconds(System.getenv("DEMO_SECONDS")));
      System.exit(0);
    } catch (NumberFormatException e) {
      System.err.println("DEMO_SECONDS: " + e.getMessage() + "; allowed is a whole number");
      System.exit(USAGE);
    } catch (Exception e) {
      e.printStackTrace();
      System.exit(SOFTWARE);
    }
  }

  private static Optional<Duration> seconds(String text) {
    return text == null || text.isEmpty()
        ? Optional.empty()
        : Optional.of(Duration.ofSeconds(Integer.parseInt(text)));
  }

  private static void run(Optional<Duration> time) throws Exception {
    Screen screen = new Screen();
    Pace pace = new Pace(time);
    Path folder = newFolder();
    introduce(screen, folder, time.isPresent());
    try (DemoHost host = DemoHost.start(folder)) {
      new Demo(screen, pace, host, folder).play();
    } catch (Pace.StoppedException e) {
      screen.title("Stopped.");
    } catch (IOException | DBusException | RuntimeException e) {
      // Ctrl-C goes to the forwarder and the bus, too, and they may be quicker.
      if (!pace.isStopped()) {
        throw e;
      }
      screen.title("Stopped.");
    }
    screen.say("Nothing runs any more. The folder stays until you remove it:");
    screen.say("  rm -r %s", folder);
  }

  /** Private as a temporary folder is, but with a name that can be typed. */
  private static Path newFolder() throws IOException {
    String name = "vmlog-demo-%06x".formatted(new SecureRandom().nextInt(1 << 24));
    return Files.createDirectory(
        Path.of(System.getProperty("java.io.tmpdir"), name),
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
  }

  private static void introduce(Screen screen, Path folder, boolean timed) {
    screen.title("vmlog: VMs log to one host, each into a file of its own.");
    screen.say("");
    screen.say("  folder   %s", folder);
    screen.say("  files    %s/logs/alice/web-1.log", folder);
    screen.say("           %s/logs/bob/db-1.log", folder);
    screen.say("           %s/logs/bob/micro-1.log", folder);
    screen.say("");
    screen.say("  In another terminal, watch a file, and say something as web-1's VMM, or as a");
    screen.say("  program in db-1:");
    screen.say("");
    screen.say("  tail -F %s/logs/alice/web-1.log", folder);
    screen.say("  logger --socket %s/run/vm/alice/web-1.lsock hello", folder);
    screen.say("  logger --socket %s/%s hello", folder, DEV_LOG_OF_DB_1);
    if (!timed) {
      screen.say("");
      screen.say("  Ctrl-C ends the demo.");
    }
  }

  private void play()
      throws IOException, DBusException, Pace.StoppedException, InterruptedException {
    pace.start();
    screen.title("A private D-Bus bus and the forwarder are up. Concierge announces two VMs.");
    screen.say("Each gets two sockets: .grpc for its guest, .lsock for its VMM.");
    screen.say("");
    try (DemoVm web = announce("alice", "web-1", 42);
        DemoVm db = announce("bob", "db-1", 43);
        DemoSyslog syslog = DemoSyslog.start(db, folder.resolve(DEV_LOG_OF_DB_1))) {
      boot(web, db);
      logByPrograms(db, syslog);
      logWithoutAgent();
      long before = db.log().lines();
      misbehave(web);
      screen.title(
          "db-1's file had %d lines before all that, and has %d now."
              .formatted(before, db.log().lines()));
      logAllDay(web, db);
      syslog.close();
      stop(web, db);
    }
  }

  private DemoVm announce(String owner, String name, long cid) throws IOException, DBusException {
    DemoVm vm = host.announce(owner, name, cid);
    String sockets = "run/vm/" + owner + "/" + name;
    screen.say("  %s of %s, CID %d: %s.grpc, %s.lsock", name, owner, cid, sockets, sockets);
    return vm;
  }

  private void boot(DemoVm web, DemoVm db)
      throws IOException, Pace.StoppedException, InterruptedException {
    screen.title("Both boot. What their files say, as tail -f shows it:");
    say(EverydayLine.BOOT_OF_WEB_1, web, 0);
    say(EverydayLine.BOOT_OF_DB_1, db, 0);
  }

  /** By gRPC a line is in the file when it is acknowledged, so there is nothing to wait for. */
  private void say(List<EverydayLine> lines, DemoVm vm, int number)
      throws IOException, Pace.StoppedException, InterruptedException {
    for (EverydayLine line : lines) {
      line.sayBy(vm, number);
      screen.tail(vm.logName(), vm.log().nextLines());
      pace.pause(LINE_PAUSE_MILLIS);
    }
  }

  private void logByPrograms(DemoVm db, DemoSyslog syslog)
      throws IOException, Pace.StoppedException, InterruptedException {
    screen.title("db-1 runs vm-syslog. What its programs give to logger, and what its file gets:");
    logByLogger(db, syslog, "-t", "backup", "--id=77", "3 databases saved");
    logByLogger(db, syslog, "-t", "smartd", "-p", "daemon.err", "vdb: 1 unreadable sector");
  }

  private void logWithoutAgent()
      throws IOException, DBusException, Pace.StoppedException, InterruptedException {
    screen.title(
        "micro-1 has no agent: its console comes, and its journal; a real guest's, recorded.");
    Path sockets = folder.resolve("run/vm/bob");
    try (DemoVm micro = announce("bob", "micro-1", 44)) {
      DemoAppliance appliance = new DemoAppliance(micro, sockets);
      screen.tail(micro.logName(), firstAndLast(appliance.writeConsole()));
      pace.pause(EXHIBIT_PAUSE_MILLIS);
      screen.tail(micro.logName(), firstAndLast(appliance.sendJournal()));
      pace.pause(EXHIBIT_PAUSE_MILLIS);
      host.stop(micro);
    }
    screen.title("It has died. When it starts again, a line divides that from its last words:");
    try (DemoVm micro = announce("bob", "micro-1", 45)) {
      screen.tail(micro.logName(), micro.log().lastLines());
      host.stop(micro);
    }
  }

  private static List<String> firstAndLast(List<String> lines) {
    List<String> some = new ArrayList<>(lines.subList(0, 2));
    some.add("  (" + (lines.size() - 4) + " more)");
    some.addAll(lines.subList(lines.size() - 2, lines.size()));
    return some;
  }

  private void logByLogger(DemoVm db, DemoSyslog syslog, String... arguments)
      throws IOException, Pace.StoppedException, InterruptedException {
    syslog.logger(arguments);
    screen.exhibit(
        "In db-1:",
        "logger " + String.join(" ", arguments),
        "written",
        String.join("\n", db.log().nextLines()));
    pace.pause(EXHIBIT_PAUSE_MILLIS);
  }

  private void misbehave(DemoVm web)
      throws IOException, DBusException, Pace.StoppedException, InterruptedException {
    screen.title("Now web-1 turns hostile. What it sends, and what its file gets:");
    for (HostileLine line : HostileLine.OF_WEB_1) {
      line.sendBy(web);
      screen.exhibit(
          line.what(), line.shown(), "written", String.join("\n", web.log().nextLines()));
      pace.pause(EXHIBIT_PAUSE_MILLIS);
    }
    String noRequest = "GET / HTTP/1.1";
    screen.exhibit(
        "A gRPC call whose message is no LogRequest.",
        noRequest,
        "answered",
        refusal(web, noRequest));
    pace.pause(EXHIBIT_PAUSE_MILLIS);
    screen.exhibit(
        "A stranger on the bus announces a VM with db-1's CID.",
        "VmStartingUpSignal owner mallory, name db-1, CID 43",
        "logged",
        host.forge("mallory", "db-1", 43));
    pace.pause(EXHIBIT_PAUSE_MILLIS);
  }

  private static String refusal(DemoVm vm, String request) {
    try {
      vm.sendRequest(request.getBytes(StandardCharsets.US_ASCII));
    } catch (StatusRuntimeException e) {
      return String.valueOf(e.getMessage());
    }
    throw new IllegalStateException("a malformed request was answered OK");
  }

  private void logAllDay(DemoVm web, DemoVm db)
      throws IOException, Pace.StoppedException, InterruptedException {
    screen.title("And so the day goes on:");
    int round = 1;
    do { // however short the time was, each day is seen once
      say(EverydayLine.DAY_OF_WEB_1, web, round);
      pace.pause(DAY_PAUSE_MILLIS);
      say(EverydayLine.DAY_OF_DB_1, db, round);
      pace.pause(DAY_PAUSE_MILLIS);
      round++;
    } while (!pace.isOver());
  }

  private void stop(DemoVm web, DemoVm db) throws IOException, DBusException {
    screen.title("Time is up. Concierge announces that both VMs have stopped.");
    host.stop(web);
    host.stop(db);
    screen.say(
        "Their sockets are gone; %s has %d lines, %s has %d.",
        web.logName(), web.log().lines(), db.logName(), db.log().lines());
  }
}
