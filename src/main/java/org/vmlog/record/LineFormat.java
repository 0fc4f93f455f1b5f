package org.vmlog.record;

/** The shapes a record can be rendered in. Every one is a single line that ends in a newline. */
public enum LineFormat {
  /** {@code <PRI>Mmm dd hh:mm:ss HOST CONTENT}, RFC 3164. */
  RFC3164,
  /** RFC 5424 with microseconds, the zone, and one element of structured data by the host. */
  RFC5424,
  /** {@code Mmm dd hh:mm:ss <PRI> VM(CID): CONTENT}, byte for byte ChromeOS's files: two spaces. */
  CHROMEOS,
  /** {@code <PRI>Mmm dd hh:mm:ss VM(CID): CONTENT}, for the local syslog's socket. */
  SYSLOG
}
