package org.vmlog.sink;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vmlog.platform.DatagramListener;
import org.vmlog.platform.DatagramListener.Received;
import org.vmlog.platform.PrivateFolder;
import org.vmlog.platform.SocketAccess;

/** What holds of every sink that sends datagrams, with a receiver of the test's own. */
abstract class DatagramSinkContract extends LineSinkContract {
  @TempDir Path temp;
  final List<LineSink> sinks = new ArrayList<>();
  final List<String> received = new ArrayList<>();
  final ByteBuffer buffer = DatagramListener.newBuffer();
  DatagramListener receiver;

  private final String folder;
  private final String name;

  /** The receiver's socket is {@code folder/name} below {@link #temp}. */
  DatagramSinkContract(String folder, String name) {
    this.folder = folder;
    this.name = name;
  }

  /** The line that a datagram in the buffer has. */
  abstract String line();

  @BeforeEach
  void startReceiver() throws IOException {
    try (PrivateFolder opened = PrivateFolder.open(temp, List.of(folder))) {
      receiver = DatagramListener.bind(opened, name, new SocketAccess(0666, Optional.empty()));
    }
  }

  @AfterEach
  void closeAll() throws IOException {
    sinks.forEach(LineSink::close);
    receiver.close();
  }

  /** Each line is a send(2) of its own, for which the receiver may have no room. */
  @Test
  void isReady_afterAWrite_isFalse() throws Exception {
    LineSink sink = sink();
    sink.write(Lines.buffers("x\n"));

    assertThat(sink.isReady(1)).isFalse();
  }

  @Override
  List<String> received() {
    relieve();
    return received;
  }

  @Override
  void breakReceiver() throws IOException {
    relieve();
    receiver.close();
  }

  @Override
  void mendReceiver() throws IOException {
    startReceiver();
  }

  @Override
  void relieve() {
    try {
      while (receiver.receive(buffer) != Received.NOTHING) {
        received.add(line());
      }
    } catch (IOException e) {
      throw new AssertionError("the test's receiver broke", e);
    }
  }
}
