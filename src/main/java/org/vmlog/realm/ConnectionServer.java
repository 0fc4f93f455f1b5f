package org.vmlog.realm;

import java.io.IOException;
import org.vmlog.identity.SourceIdentity.Component;
import org.vmlog.platform.Descriptor;
import org.vmlog.wire.LogServer;

/** Serves what a listener is handed. Called on its thread; must not block. */
public interface ConnectionServer {
  /** Whether one more connection of this component can be served now. */
  boolean hasRoomFor(Component component);

  /**
   * Serves a connection from now on.
   *
   * @param connected the server's end; the callee's, also if this throws
   * @throws IOException if it is nothing that can be served
   */
  void serve(Descriptor connected, Component component) throws IOException;

  /** A server that speaks gRPC with them. */
  static ConnectionServer over(LogServer server) {
    return new ConnectionServer() {
      @Override
      public boolean hasRoomFor(Component component) {
        return server.hasRoomFor(component);
      }

      @Override
      public void serve(Descriptor connected, Component component) throws IOException {
        server.adopt(connected, component);
      }
    };
  }
}
