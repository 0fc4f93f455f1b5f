package org.vmlog.demo;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.vmlog.testing.Chromium;
import org.vmlog.testing.WebProcess;

/** Makes the pictures of the page in docs/images, in a minute. {@code make screenshots} runs it. */
public final class Screenshots {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("MMM d HH:mm:ss", Locale.ROOT).withZone(ZoneOffset.UTC);
  private static final Path IMAGES = Path.of("docs/images");
  private static final int SECONDS = 45;
  private static final int WIDTH = 1000;
  private static final int HEIGHT = 520;

  private static final List<String> WEB =
      List.of(
          "<14>HOST nginx[311]: GET /orders/%d 200",
          "<14>HOST nginx[311]: GET /orders/%d/items 200",
          "<14>HOST nginx[311]: POST /orders 201",
          "<12>HOST nginx[311]: upstream is slow: %d ms",
          "<11>HOST sshd[%d]: Failed password for root");
  private static final List<String> DB =
      List.of(
          "<14>HOST postgres[208]: checkpoint complete: wrote %d buffers",
          "<11>HOST postgres[208]: duplicate key (id)=(%d)",
          "<5>HOST kernel: vdb: %d sectors discarded",
          "<30>HOST crosvm[4711]: balloon at %d MiB");

  private final Path logs;
  private final Random random = new Random(1);

  private Screenshots(Path logs) {
    this.logs = logs;
  }

  /** The program. */
  public static void main(String[] arguments) throws Exception {
    Path folder = Files.createTempDirectory("vmlog-screenshots-");
    new Screenshots(folder.resolve("logs")).take(folder);
  }

  private void take(Path folder) throws Exception {
    say("alice/web-1", WEB, 1);
    try (WebProcess web = WebProcess.start("--directory=" + logs);
        Chromium chromium = Chromium.start(folder.resolve("chromium")).like(WIDTH, HEIGHT, false)) {
      chromium.open(web.address());
      for (int second = 0; second < SECONDS; second++) {
        say("alice/web-1", WEB, 3 + random.nextInt(6));
        say("alice/web-2", WEB, second > 20 && second < 28 ? 40 : random.nextInt(3));
        say("bob/db-1", DB, random.nextInt(4));
        say("bob/batch", DB, second % 12 < 4 ? 15 : 0);
        if (second == SECONDS - 1) {
          say("alice/web-2", "<44>HOST forwarder: 12 records dropped (rate limit)");
          say("bob/db-1", DB, 3);
        }
        Thread.sleep(1000);
      }
      chromium.await("document.querySelectorAll('#lines .drop').length === 1");
      save(chromium, "web.png");
      chromium.like(WIDTH, HEIGHT, true).evaluate("document.getElementById('text').focus()");
      chromium.type("orders");
      chromium.await("document.querySelectorAll('mark').length > 20");
      save(chromium, "web-dark.png");
    }
  }

  private static void save(Chromium chromium, String name) throws IOException {
    Files.createDirectories(IMAGES);
    Path file = Files.write(IMAGES.resolve(name), chromium.screenshot());
    System.out.println(file + ": " + Files.size(file) + " bytes");
  }

  private void say(String vm, List<String> lines, int count) throws IOException {
    for (int i = 0; i < count; i++) {
      say(
          vm,
          lines.get(random.nextInt(lines.size())).replace("%d", "" + (1 + random.nextInt(400))));
    }
  }

  private void say(String vm, String line) throws IOException {
    Path log = logs.resolve(vm + ".log");
    Files.createDirectories(log.getParent());
    String head = TIME.format(LocalDateTime.now(ZoneOffset.UTC)) + " " + log.getFileName();
    Files.writeString(
        log,
        line.replace("HOST", head.replace(".log", "")) + "\n",
        UTF_8,
        StandardOpenOption.CREATE,
        StandardOpenOption.APPEND);
  }
}
