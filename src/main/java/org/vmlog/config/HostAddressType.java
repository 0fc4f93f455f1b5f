package org.vmlog.config;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.vmlog.wire.HostAddress;

/** Where a guest finds its host. Immutable. */
final class HostAddressType implements ValueType<HostAddress> {
  static final HostAddressType INSTANCE = new HostAddressType();

  /** The highest of the unsigned 32 bit numbers is VMADDR_CID_ANY and VMADDR_PORT_ANY, vsock(7). */
  private static final long MAX_NUMBER = 0xFFFF_FFFEL;

  /** With the NUL that ends it, what sun_path takes, unix(7). */
  private static final int MAX_PATH_BYTES = 107;

  private static final Pattern VSOCK = Pattern.compile("vsock:(\\d{1,10}):(\\d{1,10})");
  private static final String UNIX = "unix:";

  @Override
  public HostAddress parse(Object toml) throws BadValueException {
    if (toml instanceof String text) {
      Matcher vsock = VSOCK.matcher(text);
      if (vsock.matches()) {
        long cid = Long.parseLong(vsock.group(1));
        long port = Long.parseLong(vsock.group(2));
        if (cid <= MAX_NUMBER && port >= 1 && port <= MAX_NUMBER) {
          return new HostAddress.Vsock(cid, (int) port);
        }
      } else if (text.startsWith(UNIX)) {
        Path path = ValueTypes.ABSOLUTE_PATH.parse(text.substring(UNIX.length()));
        int bytes = path.toString().getBytes(StandardCharsets.UTF_8).length;
        if (bytes <= MAX_PATH_BYTES) {
          return new HostAddress.Unix(path);
        }
        throw new BadValueException(
            "a path of at most " + MAX_PATH_BYTES + " bytes; this one has " + bytes);
      } else {
        return new HostAddress.Tcp(NumericAddresses.ENDPOINT_ADDRESS.parse(text));
      }
    }
    throw new BadValueException(
        "\"vsock:CID:PORT\" such as \"vsock:2:9999\", \"unix:PATH\", or \"ADDRESS:PORT\"");
  }
}
