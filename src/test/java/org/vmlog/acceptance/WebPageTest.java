package org.vmlog.acceptance;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vmlog.testing.Chromium;
import org.vmlog.testing.TestHost;
import org.vmlog.testing.WebProcess;

/** The page of {@code vmlog web} in a real browser. */
final class WebPageTest {
  private static final String LINES = "document.querySelectorAll('#lines li')";
  private static final String TEXT = "[..." + LINES + "].map(line => line.textContent).join('\\n')";

  /** How far the list can be scrolled down. */
  private static final String BELOW =
      "(e => e.scrollHeight - e.scrollTop - e.clientHeight)(document.getElementById('lines'))";

  @TempDir static Path browser;
  private static Chromium chromium;

  @TempDir Path folder;

  @BeforeAll
  static void start() throws Exception {
    assumeTrue(Chromium.isAvailable(), "chromium is missing (Debian package chromium)");
    chromium = Chromium.start(browser.resolve("chromium")).like(1000, 600, false);
  }

  @AfterAll
  static void end() throws IOException {
    if (chromium != null) {
      chromium.close();
    }
  }

  @Test
  void lines_whateverIsInThem_areText() throws Exception {
    say("alice/web-1", "<14>Nov 21 03:04:05 web-1 <script>document.title='owned'</script><b>x");
    say("alice/web-1", "<11>Nov 21 03:04:06 web-1 <img src=x onerror=\"document.title='owned'\">");
    say("alice/web-1", "<14>Nov 21 03:04:07 web-1 \u001b[2J\u202eevil\u0007&amp;\u0000");
    say("alice/web-1", "<14>Nov 21 03:04:08 web-1 " + "<i>".repeat(350_000));
    say("<b>x<%2Fb>/<script>alert(1)<%2Fscript>", "<14>Nov 21 03:04:09 web-1 last");
    try (WebProcess web = WebProcess.start("--directory=" + folder)) {
      chromium.open(web.address());
      chromium.await(TEXT + ".includes('last')");

      assertThat(chromium.evaluate(LINES + "[0].textContent"))
          .isEqualTo("Nov 21 03:04:05 alice/web-1 <script>document.title='owned'</script><b>x");
      assertThat(chromium.evaluate(LINES + "[1].textContent"))
          .endsWith("<img src=x onerror=\"document.title='owned'\">");
      assertThat(chromium.evaluate(LINES + "[2].textContent"))
          .endsWith(" #033[2J#{20056}evil#007&amp;#000");
      assertThat(chromium.evaluate(LINES + "[3].textContent"))
          .startsWith("Nov 21 03:04:08 alice/web-1 <i><i>")
          .endsWith("<i>< … 1,050,000 bytes; vmlog tail shows all of them")
          .hasSizeLessThan(17_000);
      assertThat(chromium.evaluate(LINES + "[4].textContent"))
          .isEqualTo("Nov 21 03:04:09 <b>x</b>/<script>alert(1)</script> last");
      assertThat(chromium.evaluate("document.title")).isEqualTo("vmlog");
      assertThat(
              chromium.evaluate(
                  "document.querySelectorAll('#lines :is(script, img, b, i)').length"))
          .isEqualTo("0");
      assertThat(chromium.problems()).isEmpty();
    }
  }

  @Test
  void lines_asTheyCome_areShownWithWhatHappensToVms() throws Exception {
    say("alice/web-1", "<14>Nov 21 03:04:05 web-1 sshd[1]: before");
    try (WebProcess web = WebProcess.start("--directory=" + folder)) {
      chromium.open(web.address());
      chromium.await(TEXT + ".includes('before')");
      say("alice/web-1", "<11>Nov 21 03:04:06 web-1 sshd[1]: live");
      say("alice/web-1", "<44>Nov 21 03:04:07 web-1 forwarder: 12 records dropped (rate limit)");
      chromium.await(TEXT + ".includes('12 records dropped')");
      say("bob/db-1", "<14>Nov 21 03:04:08 db-1 late");
      chromium.await(TEXT + ".includes('late')");

      assertThat(chromium.evaluate(TEXT))
          .isEqualTo(
              """
              Nov 21 03:04:05 alice/web-1 sshd[1]: before
              Nov 21 03:04:06 alice/web-1 sshd[1]: live
              Nov 21 03:04:07 alice/web-1 forwarder: 12 records dropped (rate limit)
              bob/db-1 has a log now
              Nov 21 03:04:08 bob/db-1 late"""
                  .stripIndent());
      assertThat(chromium.evaluate("[..." + LINES + "].map(line => line.className)"))
          .isEqualTo("s6,s3,drop,note,s6");
      chromium.await("document.querySelectorAll('.vm-row').length === 2");
      chromium.await("document.querySelector('.vm-row .drops').getAttribute('d') !== ''");
      chromium.await(
          "document.querySelector('.vm-row .plot').getAttribute('points').match(/,(?!19.0)/)");
      assertThat(web.interrupt()).isZero();
    }
  }

  @Test
  void filter_byTextSeverityAndVm_showsWhatPassesOfThePastAndLive() throws Exception {
    for (int i = 0; i < 300; i++) {
      say("alice/web-1", "<14>Nov 21 03:04:05 web-1 nginx: GET /" + i);
    }
    say("alice/web-1", "<11>Nov 21 03:04:06 web-1 nginx: POST /1 [500]");
    say("bob/db-1", "<11>Nov 21 03:04:07 db-1 postgres: broken");
    say("carol/not-meant", "<11>Nov 21 03:04:07 not-meant postgres: broken");
    try (WebProcess web =
        WebProcess.start("--lines=10", "--directory=" + folder, "*", "!carol/*")) {
      chromium.open(web.address());
      chromium.await(LINES + ".length === 11");

      chromium.press("/", "/");
      chromium.type("get /2");
      chromium.await(TEXT + ".startsWith('Nov 21 03:04:05 alice/web-1 nginx: GET /290')");
      say("alice/web-1", "<14>Nov 21 03:04:08 web-1 nginx: GET /1");
      say("alice/web-1", "<14>Nov 21 03:04:08 web-1 nginx: GET /2 live");
      chromium.await(TEXT + ".endsWith('GET /2 live')");
      assertThat(chromium.evaluate(TEXT)).doesNotContain("GET /1\n", "POST", "broken");
      assertThat(chromium.evaluate("document.querySelector('#lines mark').textContent"))
          .isEqualTo("GET /2");

      chromium.press("Escape", "");
      chromium.await(LINES + ".length === 11");
      choose("level", "err");
      chromium.await(LINES + ".length === 2");
      chromium.evaluate("document.querySelectorAll('.vm-row')[1].click()");
      chromium.await(TEXT + " === 'Nov 21 03:04:07 bob/db-1 postgres: broken'");
      chromium.evaluate("document.getElementById('every').click()");
      chromium.await(LINES + ".length === 2");

      chromium.evaluate("document.getElementById('regex').click()");
      chromium.evaluate("document.getElementById('text').focus()");
      chromium.type("POST .* \\[5\\d+\\]");
      chromium.await(LINES + ".length === 1");
      chromium.type("(");
      chromium.await("document.getElementById('state').dataset.state === 'bad'");
      assertThat(chromium.evaluate("document.getElementById('state').textContent"))
          .startsWith("regular expression \"POST .* \\[5\\d+\\](\": missing closing )");
      assertThat(chromium.problems()).isEmpty();
    }
  }

  @Test
  void scrolledUp_whatIsReadStaysAndTheNewIsCounted() throws Exception {
    for (int i = 0; i < 100; i++) {
      say("alice/web-1", "<14>Nov 21 03:04:05 web-1 " + "long ".repeat(i) + "line " + i + ".");
    }
    try (WebProcess web = WebProcess.start("--directory=" + folder)) {
      chromium.open(web.address());
      chromium.await(TEXT + ".endsWith('line 99.')");
      chromium.await(BELOW + " < 1");
      chromium.evaluate("document.getElementById('lines').scrollTop = 100");
      chromium.await("!document.getElementById('end').hidden");
      say("alice/web-1", "<14>Nov 21 03:04:06 web-1 one");
      say("alice/web-1", "<14>Nov 21 03:04:06 web-1 two");
      chromium.await("document.getElementById('end').textContent === '2 new'");
      assertThat(chromium.evaluate("document.getElementById('lines').scrollTop")).isEqualTo("100");

      chromium.press("End", "");
      chromium.await(BELOW + " < 1");
      say("alice/web-1", "<14>Nov 21 03:04:06 web-1 " + "wraps ".repeat(100) + "three");
      chromium.await(TEXT + ".endsWith('three')");
      chromium.await(BELOW + " < 1");
      assertThat(chromium.evaluate("document.getElementById('end').hidden")).isEqualTo("true");
    }
  }

  @Test
  void flood_ofTenThousandLinesASecond_leavesThePageBoundedAndCountsAllOfThem() throws Exception {
    say("alice/web-1", "<14>Nov 21 03:04:05 web-1 first");
    try (WebProcess web = WebProcess.start("--directory=" + folder)) {
      chromium.open(web.address());
      chromium.await(TEXT + ".includes('first')");
      int lines = 1;
      for (int batch = 0; batch < 20; batch++) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 1000; i++) {
          text.append("<14>Nov 21 03:04:06 web-1 nginx: GET /" + lines++ + "\n");
        }
        say("alice/web-1", text.toString().stripTrailing());
        Thread.sleep(100); // the rate that is asked for; nothing depends on it
      }
      say("alice/web-1", "<14>Nov 21 03:04:07 web-1 last");
      chromium.await(TEXT + ".endsWith('last')");

      assertThat(chromium.evaluate(LINES + ".length")).isEqualTo("2000");
      assertThat(counter("came") + counter("left")).isEqualTo(lines + 1);
      assertThat(chromium.problems()).isEmpty();
    }
  }

  @Test
  void stream_thatIsCut_goesOnWhereItWas() throws Exception {
    int port = TestHost.freeTcpAddress().getPort();
    String[] arguments = {
      "--directory=" + folder, "--port=" + port, "--token-file=" + folder.resolve("token")
    };
    StringBuilder all = new StringBuilder();
    for (int i = 0; i < 150; i++) {
      say("alice/web-1", "<14>Nov 21 03:04:05 web-1 line " + i);
      all.append(i < 50 ? "" : "Nov 21 03:04:05 alice/web-1 line " + i + "\n");
    }
    String address;
    try (WebProcess web = WebProcess.start(arguments)) {
      address = web.address();
      chromium.open(address);
      chromium.await(TEXT + ".endsWith('line 149')");
      say("alice/web-1", "<14>Nov 21 03:04:06 web-1 with it");
      all.append("Nov 21 03:04:06 alice/web-1 with it\n");
      chromium.await(TEXT + ".endsWith('with it')");
    }
    chromium.await("document.getElementById('state').dataset.state === 'wait'");
    say("alice/web-1", "<14>Nov 21 03:04:07 web-1 while it was away");
    try (WebProcess web = WebProcess.start(arguments)) {
      assertThat(web.address()).isEqualTo(address);
      chromium.await("document.getElementById('state').dataset.state === 'live'");
      chromium.await(TEXT + ".endsWith('while it was away')");
      say("alice/web-1", "<14>Nov 21 03:04:08 web-1 after");
      chromium.await(TEXT + ".endsWith('after')");

      all.append("Nov 21 03:04:07 alice/web-1 while it was away\n");
      all.append("Nov 21 03:04:08 alice/web-1 after");
      assertThat(chromium.evaluate(TEXT)).isEqualTo(all.toString());
    }
  }

  private static void choose(String select, String value) {
    chromium.evaluate(
        "(e => { e.value = '%s'; e.dispatchEvent(new Event('change')) })(document.getElementById('%s'))"
            .formatted(value, select));
  }

  private static int counter(String id) {
    String shown = chromium.evaluate("document.getElementById('" + id + "').textContent");
    return Integer.parseInt(shown.replace(",", ""));
  }

  private void say(String vm, String line) throws IOException {
    Path log = folder.resolve(vm + ".log");
    Files.createDirectories(log.getParent());
    Files.writeString(
        log, line + "\n", UTF_8, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }
}
