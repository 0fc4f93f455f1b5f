package org.vmlog.lifecycle.state;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.InetAddress;
import java.net.URLEncoder;
import java.util.HexFormat;
import java.util.zip.CRC32C;
import org.vmlog.identity.Claim;
import org.vmlog.identity.PastGeneration;
import org.vmlog.identity.VmId;
import org.vmlog.identity.VmSpec;

/**
 * Writes a {@link SavedState} as lines of words separated by single spaces:
 *
 * <pre>
 * vmlog-state 1
 * boot 0a4cb6c0-6d0f-4a0e-8c36-6f1d1d9c3a52
 * last-generation 17
 * owner alice
 * vm alice web-1 generation=3 started=2026-03-01T12:00:00.123456Z
 * claim concierge cid=42 type=termina
 * crc32c 1c7d09a4
 * </pre>
 *
 * <p>A {@code claim} belongs to the {@code vm} above it. What others chose is encoded as in an HTML
 * form, addresses are their bytes in hexadecimal. The last line is the CRC-32C (RFC 3720, appendix
 * B.4) of all bytes before it. Confined to one thread.
 */
final class StateWriter {
  static final String MAGIC = "vmlog-state 1";
  static final String CHECKSUM = "crc32c";

  private final StringBuilder text = new StringBuilder();

  private StateWriter() {}

  static byte[] bytes(SavedState state) {
    StateWriter writer = new StateWriter();
    writer.write(state);
    return writer.text.toString().getBytes(US_ASCII);
  }

  /** The CRC-32C of a text, as its last line has it. */
  static String checksum(String text) {
    CRC32C crc = new CRC32C();
    crc.update(text.getBytes(ISO_8859_1)); // each char is one byte of the file
    return HexFormat.of().toHexDigits((int) crc.getValue());
  }

  private void write(SavedState state) {
    text.append(MAGIC).append('\n');
    line("boot", encoded(state.bootId()));
    line("last-generation", Long.toString(state.vms().lastNumber()));
    state.owners().forEach(owner -> line("owner", encoded(owner)));
    state.vms().generations().forEach(this::vm);
    line(CHECKSUM, checksum(text.toString()));
  }

  private void vm(PastGeneration vm) {
    VmId id = vm.id();
    line(
        "vm",
        encoded(id.owner()),
        encoded(id.name()),
        "generation=" + vm.number(),
        "started=" + vm.started());
    vm.claims().forEach(this::claim);
  }

  private void claim(Claim claim) {
    VmSpec vm = claim.vm();
    text.append("claim ").append(claim.claimant());
    vm.cid().ifPresent(cid -> attribute("cid", Long.toString(cid)));
    for (InetAddress address : vm.addresses()) {
      attribute("address", HexFormat.of().formatHex(address.getAddress()));
    }
    vm.hybridVsock().ifPresent(path -> attribute("hybrid_vsock", encoded(path.toString())));
    vm.type().ifPresent(type -> attribute("type", encoded(type)));
    claim.lease().ifPresent(lease -> attribute("lease", encoded(lease)));
    text.append('\n');
  }

  private void line(String... words) {
    text.append(String.join(" ", words)).append('\n');
  }

  private void attribute(String key, String value) {
    text.append(' ').append(key).append('=').append(value);
  }

  private static String encoded(String value) {
    return URLEncoder.encode(value, UTF_8);
  }
}
