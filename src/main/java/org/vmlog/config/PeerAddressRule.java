package org.vmlog.config;

import java.net.InetAddress;
import java.util.function.Function;

/** Which addresses may name a VM, for those who hear of VMs elsewhere. Immutable. */
public final class PeerAddressRule implements Function<String, InetAddress> {
  private final PeerAddressType type;

  /** The rule of this host and its configuration. */
  public PeerAddressRule(ForwarderConfig.Attribution attribution) {
    type = new PeerAddressType(attribution.insecureLoopbackIdentity(), HostFacts.ofThisHost());
  }

  /**
   * Reads a numeric address.
   *
   * @throws IllegalArgumentException if it may name no VM; says what may
   */
  @Override
  public InetAddress apply(String text) {
    try {
      return type.parse(text);
    } catch (BadValueException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }
}
