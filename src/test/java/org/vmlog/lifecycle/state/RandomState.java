package org.vmlog.lifecycle.state;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import org.vmlog.identity.Claim;
import org.vmlog.identity.Claimant;
import org.vmlog.identity.PastGeneration;
import org.vmlog.identity.RegistryState;
import org.vmlog.identity.VmId;
import org.vmlog.identity.VmSpec;

/** Any state there can be, with names that try to look like something else. */
final class RandomState {
  private static final List<String> TEXTS =
      List.of(
          "alice", " ", "a b", "\n", "\nvm x y", "%41", "+", "=", "ü€😀", "\0", "a\tb\\", "cid=7");

  private final Random random;

  RandomState(Random random) {
    this.random = random;
  }

  SavedState next() {
    List<PastGeneration> vms = new ArrayList<>();
    int count = random.nextInt(5);
    for (int i = 1; i <= count; i++) {
      vms.add(vm(i));
    }
    List<String> owners = random.ints(random.nextInt(4)).mapToObj(i -> text() + i).toList();
    return new SavedState(text(), new RegistryState(count + random.nextInt(9), vms), owners);
  }

  private PastGeneration vm(int number) {
    VmId id = new VmId(text(), text() + number);
    List<Claim> claims = new ArrayList<>();
    if (random.nextBoolean()) {
      claims.add(
          claim(
              id,
              random.nextBoolean()
                  ? new Claimant.HostUser(random.nextInt())
                  : Claimant.Source.LIBVIRT));
    }
    if (claims.isEmpty() || random.nextBoolean()) {
      claims.add(claim(id, Claimant.Source.CONFIGURATION));
    }
    Instant started = Instant.ofEpochSecond(random.nextInt(), random.nextInt(1_000_000_000));
    return new PastGeneration(number, started, claims);
  }

  private Claim claim(VmId id, Claimant claimant) {
    VmSpec vm =
        new VmSpec(
            id,
            random.nextBoolean() ? OptionalLong.empty() : OptionalLong.of(random.nextLong()),
            addresses(),
            maybe("/run/v/" + text().replace("\0", "")).map(Path::of),
            maybe(text()));
    return new Claim(claimant, vm, maybe(text()));
  }

  private Set<InetAddress> addresses() {
    Set<InetAddress> addresses = new HashSet<>();
    for (int i = random.nextInt(3); i > 0; i--) {
      byte[] bytes = new byte[random.nextBoolean() ? 4 : 16];
      random.nextBytes(bytes);
      try {
        addresses.add(InetAddress.getByAddress(bytes));
      } catch (UnknownHostException e) {
        throw new AssertionError("4 or 16 bytes are an address", e);
      }
    }
    return addresses;
  }

  private Optional<String> maybe(String text) {
    return random.nextBoolean() ? Optional.empty() : Optional.of(text);
  }

  private String text() {
    return TEXTS.get(random.nextInt(TEXTS.size()));
  }
}
