package org.vmlog.identity;

/**
 * Who may say that a VM exists. What one of them claims is its own until it releases it: none of
 * them goes before another, and none takes over from another.
 *
 * <p>The text form is what is saved and what people read: {@code configuration}, {@code concierge},
 * {@code machined}, {@code libvirt}, {@code uid:1000}. Immutable.
 */
public sealed interface Claimant {

  /** Those of which a host has one. */
  enum Source implements Claimant {
    /** The {@code [[vm]]} tables: the administrator's word. */
    CONFIGURATION("configuration"),
    /** ChromeOS's launcher, org.chromium.VmConcierge. */
    CONCIERGE("concierge"),
    /** systemd-machined, org.freedesktop.machine1. */
    MACHINED("machined"),
    /** libvirt's daemons. */
    LIBVIRT("libvirt");

    private final String text;

    Source(String text) {
      this.text = text;
    }

    @Override
    public String toString() {
      return text;
    }
  }

  /**
   * A user of this host who registered the VM, as the kernel told it.
   *
   * @param uid an unsigned 32 bit number
   */
  record HostUser(int uid) implements Claimant {
    private static final String PREFIX = "uid:";

    @Override
    public String toString() {
      return PREFIX + Integer.toUnsignedString(uid);
    }
  }

  /**
   * Reads the text form.
   *
   * @throws IllegalArgumentException if it is none
   */
  static Claimant parse(String text) {
    for (Source source : Source.values()) {
      if (source.text.equals(text)) {
        return source;
      }
    }
    if (text.startsWith(HostUser.PREFIX)) {
      return new HostUser(Integer.parseUnsignedInt(text.substring(HostUser.PREFIX.length())));
    }
    throw new IllegalArgumentException(
        "\"%s\" is no claimant; allowed are configuration, concierge, machined, libvirt and uid:N"
            .formatted(text));
  }
}
