package org.vmlog.acceptance;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vmlog.testing.Await;
import org.vmlog.testing.ForwarderProcess;
import org.vmlog.testing.LogFiles;
import org.vmlog.testing.ShellCommand;
import org.vmlog.testing.TestHost;

/** Peers that have gone before they are accepted. */
class GonePeerTest {
  private static final int GONE = 5;

  @TempDir private Path folder;

  /** Linux accepts a connection that was reset, and no longer knows who was there. */
  @Test
  void connectionsThatWereReset_doNotHoldUpTheNext() throws Exception {
    InetSocketAddress tcp = TestHost.freeTcpAddress();
    TestHost host =
        new TestHost(folder)
            .with("[attribution]\ninsecure_loopback_identity = true")
            .with("[[vm]]\nowner = \"bob\"\nname = \"vm\"\naddress = \"127.0.0.1\"")
            .with("[listen]\nsyslog_tcp = \"127.0.0.1:%d\"".formatted(tcp.getPort()));
    Path log = host.log("bob", "vm");
    try (ForwarderProcess forwarder = host.start()) {
      String pid = Long.toString(forwarder.pid());
      new ShellCommand().run("kill -STOP " + pid);
      for (int i = 0; i < GONE; i++) {
        try (Socket peer = new Socket(tcp.getAddress(), tcp.getPort())) {
          peer.setSoLinger(true, 0);
        }
      }
      try (Socket peer = new Socket(tcp.getAddress(), tcp.getPort())) {
        peer.getOutputStream().write("<13>shop: here\n".getBytes(US_ASCII));
        new ShellCommand().run("kill -CONT " + pid);
        Await.until("it is heard", () -> !LogFiles.lines(log).isEmpty(), forwarder::log);
      }
      assertThat(LogFiles.lines(log)).singleElement().asString().endsWith("shop: here");
      assertThat(forwarder.terminate()).isZero();
    }
  }
}
