package org.vmlog.wire;

import java.io.IOException;
import java.net.SocketAddress;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.vmlog.platform.SocketFile;

/** An open listener. Closing it ends its accepting; connections that came through it go on. */
public final class Door implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Door.class);

  private final ListenAddress address;
  private final DoorChannel channel;
  private final @Nullable SocketFile file;

  Door(ListenAddress address, DoorChannel channel, @Nullable SocketFile file) {
    this.address = address;
    this.channel = channel;
    this.file = file;
  }

  /** What was asked for. */
  public ListenAddress address() {
    return address;
  }

  /** What is known of the peers that come by it. */
  public SocketFamily family() {
    return channel.family();
  }

  /** What was bound: of a TCP door the real port. */
  public Optional<SocketAddress> boundAddress() {
    return Optional.ofNullable(channel.localAddress());
  }

  /** Stops listening and removes a Unix door's file. Waits for the event loop; never on one. */
  @Override
  public void close() {
    var unused = channel.close().awaitUninterruptibly();
    if (file != null) {
      try {
        boolean unlinked = file.unlink();
        LOG.debug("{} unlinked: {}", address, unlinked);
      } catch (IOException e) {
        LOG.warn("the socket file of {} stays: {}", address, e.toString());
      }
    }
  }

  @Override
  public String toString() {
    return address.toString();
  }
}
