package org.vmlog.testing;

import static org.vmlog.testing.PythonPeer.quoted;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.StringJoiner;

/**
 * systemd-machined and libvirt-dbus as far as they tell of VMs, by an implementation of D-Bus that
 * is not ours. What it emits is on its way when a method returns. Confined to one thread.
 */
public final class FakeVmServices implements AutoCloseable {
  public static final String MACHINED = "org.freedesktop.machine1";
  public static final String LIBVIRT = "org.libvirt";

  /** Of virDomainEventType. */
  public static final int STARTED = 2;

  public static final int STOPPED = 5;

  private static final Path PROGRAM = Path.of("src/test/python/services.py");

  private final PythonPeer peer;

  private FakeVmServices(PythonPeer peer) {
    this.peer = peer;
  }

  /** Whether this machine has what it needs. */
  public static boolean isAvailable() {
    return PythonPeer.isAvailable();
  }

  /** Services that own no name yet. */
  public static FakeVmServices on(String address) throws IOException {
    return new FakeVmServices(new PythonPeer(List.of(), PROGRAM, address));
  }

  public FakeVmServices own(String name) throws IOException {
    tell("{\"own\": " + quoted(name) + "}");
    return this;
  }

  /** Gives a name up and stays on the bus, so that its next signals are forged ones. */
  public void disown(String name) throws IOException {
    tell("{\"disown\": " + quoted(name) + "}");
  }

  /**
   * A machine that is there from now on.
   *
   * @param signal whether machined says so
   * @param properties of org.freedesktop.machine1.Machine: each its name, type and JSON value
   */
  public void machine(String name, boolean signal, String... properties) throws IOException {
    StringJoiner all = new StringJoiner(", ", "{", "}");
    all.add("\"Name\": [\"s\", " + quoted(name) + "]");
    for (int i = 0; i < properties.length; i += 3) {
      all.add(
          "%s: [%s, %s]"
              .formatted(quoted(properties[i]), quoted(properties[i + 1]), properties[i + 2]));
    }
    tell(
        "{\"machine\": %s, \"signal\": %s, \"properties\": %s}"
            .formatted(quoted(name), signal, all));
  }

  /** A machine that is gone. */
  public void removed(String name, boolean signal) throws IOException {
    tell("{\"removed\": %s, \"signal\": %s}".formatted(quoted(name), signal));
  }

  /**
   * What libvirt knows of a domain from now on.
   *
   * @param xml null if there is none of it any more
   * @param event of virDomainEventType, or null to say nothing
   */
  public void domain(String uuid, String xml, Integer event) throws IOException {
    tell(
        "{\"domain\": %s, \"xml\": %s, \"event\": %s}".formatted(quoted(uuid), quoted(xml), event));
  }

  /** Sends any signal; the values are JSON. */
  public void emit(
      String path, String interfaceName, String member, String signature, String values)
      throws IOException {
    tell(
        "{\"emit\": [%s, %s, %s, %s, [%s]]}"
            .formatted(
                quoted(path), quoted(interfaceName), quoted(member), quoted(signature), values));
  }

  /** How often one of its methods was called. */
  public int calls(String method) throws IOException {
    return Integer.parseInt(peer.ask("{\"calls\": " + quoted(method) + "}").substring(3));
  }

  private void tell(String request) throws IOException {
    String answer = peer.ask(request);
    if (!answer.equals("ok ")) {
      throw new IOException(answer);
    }
  }

  /** Ends it as a crash would. */
  @Override
  public void close() {
    peer.close();
  }
}
