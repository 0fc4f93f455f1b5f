package org.vmlog.lifecycle.state;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.InetAddress;
import java.net.URLDecoder;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.vmlog.identity.Claim;
import org.vmlog.identity.Claimant;
import org.vmlog.identity.PastGeneration;
import org.vmlog.identity.RegistryState;
import org.vmlog.identity.VmId;
import org.vmlog.identity.VmSpec;

/**
 * Reads what {@link StateWriter} wrote, and nothing else: a file that differs in anything is
 * refused as a whole. Confined to one thread.
 */
final class StateReader {
  private final List<String> lines;
  private int next;

  private StateReader(List<String> lines) {
    this.lines = lines;
  }

  /**
   * Reads a file's content.
   *
   * @throws StateFormatException if it is anybody else's, another version's or damaged
   */
  static SavedState parse(byte[] bytes) throws StateFormatException {
    String text = new String(bytes, ISO_8859_1);
    if (!text.startsWith(StateWriter.MAGIC + "\n")) {
      throw new StateFormatException(1, "is not \"" + StateWriter.MAGIC + "\"");
    }
    int end = text.lastIndexOf(StateWriter.CHECKSUM + " ");
    if (end < 0
        || !text.substring(end)
            .equals("%s %s\n".formatted(StateWriter.CHECKSUM, checksum(text.substring(0, end))))) {
      throw new StateFormatException("the checksum in its last line is missing or wrong");
    }
    StateReader reader = new StateReader(text.substring(0, end).lines().toList());
    try {
      return reader.state();
    } catch (IllegalArgumentException | DateTimeException | UnknownHostException e) {
      throw new StateFormatException(reader.next, String.valueOf(e.getMessage()));
    }
  }

  private static String checksum(String text) {
    return StateWriter.checksum(text);
  }

  private SavedState state() throws StateFormatException, UnknownHostException {
    next = 1;
    String bootId = decoded(expect("boot"));
    long last = Long.parseLong(expect("last-generation"));
    List<String> owners = new ArrayList<>();
    while (isNext("owner")) {
      owners.add(decoded(expect("owner")));
    }
    List<PastGeneration> vms = new ArrayList<>();
    Set<Object> unique = new HashSet<>();
    while (next < lines.size()) {
      PastGeneration vm = vm();
      if (vm.number() < 1 || vm.number() > last) {
        throw new StateFormatException(next, "generation " + vm.number() + " of " + last);
      }
      if (!unique.add(vm.id()) || !unique.add(vm.number())) {
        throw new StateFormatException(next, vm.id() + " or its generation is there twice");
      }
      vms.add(vm);
    }
    return new SavedState(bootId, new RegistryState(last, vms), owners);
  }

  private PastGeneration vm() throws StateFormatException, UnknownHostException {
    String[] words = expect("vm").split(" ", -1);
    if (words.length != 4) {
      throw new StateFormatException(next, "has %s words".formatted(words.length));
    }
    VmId id = new VmId(decoded(words[0]), decoded(words[1]));
    long number = Long.parseLong(value("generation", words[2]));
    Instant started = Instant.parse(value("started", words[3]));
    List<Claim> claims = new ArrayList<>();
    while (isNext("claim")) {
      claims.add(claim(id, expect("claim").split(" ", -1)));
    }
    return new PastGeneration(number, started, claims);
  }

  private static Claim claim(VmId id, String[] words) throws UnknownHostException {
    OptionalLong cid = OptionalLong.empty();
    Set<InetAddress> addresses = new HashSet<>();
    Optional<Path> hybridVsock = Optional.empty();
    Optional<String> type = Optional.empty();
    Optional<String> lease = Optional.empty();
    for (int i = 1; i < words.length; i++) {
      String key = words[i].substring(0, Math.max(0, words[i].indexOf('=')));
      String value = value(key, words[i]);
      switch (key) {
        case "cid" -> cid = OptionalLong.of(Long.parseLong(value));
        case "address" -> addresses.add(InetAddress.getByAddress(HexFormat.of().parseHex(value)));
        case "hybrid_vsock" -> hybridVsock = Optional.of(Path.of(decoded(value)));
        case "type" -> type = Optional.of(decoded(value));
        case "lease" -> lease = Optional.of(decoded(value));
        default -> throw new IllegalArgumentException("unknown attribute \"" + words[i] + "\"");
      }
    }
    VmSpec vm = new VmSpec(id, cid, addresses, hybridVsock, type);
    return new Claim(Claimant.parse(words[0]), vm, lease);
  }

  private boolean isNext(String keyword) {
    return next < lines.size() && lines.get(next).startsWith(keyword + " ");
  }

  /** What follows the keyword in the next line. */
  private String expect(String keyword) throws StateFormatException {
    if (!isNext(keyword)) {
      throw new StateFormatException(next + 1, "does not begin with \"" + keyword + "\"");
    }
    return lines.get(next++).substring(keyword.length() + 1);
  }

  private static String value(String key, String word) {
    if (!word.startsWith(key + "=")) {
      throw new IllegalArgumentException("\"%s\" is no %s=…".formatted(word, key));
    }
    return word.substring(key.length() + 1);
  }

  private static String decoded(String value) {
    return URLDecoder.decode(value, UTF_8);
  }
}
