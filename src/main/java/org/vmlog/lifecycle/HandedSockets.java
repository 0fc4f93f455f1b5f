package org.vmlog.lifecycle;

import java.io.Closeable;
import java.io.IOException;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Optional;
import org.vmlog.identity.Claim;
import org.vmlog.platform.DatagramListener;
import org.vmlog.wire.ListeningSocket;

/**
 * What a launcher handed over together with a claim, on its way to the VM's doors. A claim is
 * saved, and a descriptor cannot be: so it travels beside the claim. Thread-safe.
 */
public final class HandedSockets {
  // By identity: of two equal claims each has its own.
  private final Map<Claim, Sockets> underWay = Collections.synchronizedMap(new IdentityHashMap<>());

  /**
   * The sockets of one VM, closed by whoever holds this unless a door has taken them.
   *
   * @param datagrams to be read as the VM's {@code .lsock}
   * @param listener to be a door of the VM
   */
  public record Sockets(Optional<DatagramListener> datagrams, Optional<ListeningSocket> listener)
      implements Closeable {

    /** Closes what no door has taken. */
    @Override
    public void close() {
      datagrams.ifPresent(Sockets::close);
      listener.ifPresent(Sockets::close);
    }

    private static void close(Closeable socket) {
      try {
        socket.close();
      } catch (IOException e) {
        // Nothing was written to it, so that nothing can be lost.
      }
    }
  }

  /**
   * Leaves a claim's sockets here, even if there are none: it says that its claimant is waiting.
   */
  public void put(Claim claim, Sockets sockets) {
    underWay.put(claim, sockets);
  }

  /** Takes what was left here for a claim; empty if nothing was, or somebody has it already. */
  public Optional<Sockets> take(Claim claim) {
    return Optional.ofNullable(underWay.remove(claim));
  }
}
