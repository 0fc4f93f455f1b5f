package org.vmlog.guest;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.vmlog.config.GuestConfig;
import org.vmlog.platform.DatagramListener;
import org.vmlog.platform.Descriptor;
import org.vmlog.platform.InheritedSockets;
import org.vmlog.platform.PrivateFolder;
import org.vmlog.platform.SocketAccess;
import org.vmlog.platform.StreamListener;

/** Opens the sockets that programs log to, as the configuration has them. Used by one thread. */
final class GuestSources {
  private static final Logger LOG = LoggerFactory.getLogger(GuestSources.class);

  /** Every program may log. */
  private static final SocketAccess ALL = new SocketAccess(0666, Optional.empty());

  /** journald is root, whom no permission keeps out. */
  private static final SocketAccess OWNER = new SocketAccess(0600, Optional.empty());

  private final SyslogMessages messages;
  private final ByteBuffer received = DatagramListener.newBuffer();
  private final List<SocketSource> opened = new ArrayList<>();

  GuestSources(SyslogMessages messages) {
    this.messages = messages;
  }

  /**
   * Opens all of them, or none.
   *
   * @param inherited are used in the place of the default socket
   */
  List<SocketSource> open(GuestConfig.Sources config, List<InheritedSockets.Inherited> inherited)
      throws IOException {
    try {
      for (InheritedSockets.Inherited socket : inherited) {
        adopt(socket);
      }
      if (config.devLog().isPresent() && (config.devLogRequired() || inherited.isEmpty())) {
        GuestConfig.DevLog devLog = config.devLog().get();
        bind(devLog.path(), devLog.type(), ALL);
      }
      if (config.journalSocket().isPresent()) {
        bind(config.journalSocket().get(), GuestConfig.SocketType.DGRAM, OWNER);
      }
      return opened;
    } catch (IOException | RuntimeException e) {
      closeAll();
      throw e;
    }
  }

  private void adopt(InheritedSockets.Inherited socket) throws IOException {
    boolean stream = StreamListener.is(socket.descriptor());
    opened.add(
        stream
            ? new StreamSource(StreamListener.over(socket.descriptor()), messages)
            : datagrams(
                DatagramListener.adopt(Descriptor.inherited(socket.descriptor()), socket.name())));
    LOG.info("reading {}, which was inherited", socket.name());
  }

  private void bind(Path socket, GuestConfig.SocketType type, SocketAccess access)
      throws IOException {
    Path path = socket.toAbsolutePath();
    Path parent = Objects.requireNonNull(path.getParent(), "a socket cannot be at /");
    String name = String.valueOf(path.getFileName());
    try (PrivateFolder folder = PrivateFolder.open(parent, List.of())) {
      opened.add(
          type == GuestConfig.SocketType.STREAM
              ? new StreamSource(StreamListener.bind(folder, name, access), messages)
              : datagrams(DatagramListener.bind(folder, name, access)));
    }
    LOG.info("reading {}", path);
  }

  private SocketSource datagrams(DatagramListener listener) {
    return new DatagramSource(listener, messages, received);
  }

  private void closeAll() {
    for (SocketSource source : opened) {
      try {
        source.close();
      } catch (IOException e) {
        LOG.debug("a socket could not be closed: {}", e.toString());
      }
    }
  }
}
