package org.vmlog.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.vmlog.identity.ComponentId;
import org.vmlog.identity.VmId;
import org.vmlog.logs.Layout;
import org.vmlog.logs.LogFileName;

class LogFileNamingTest {
  private static final Path LOGS = Path.of("/var/log/vmlog");
  private static final Path SOCKETS = Path.of("/run/vmlog/vm");

  private final LogFileNaming plain = new LogFileNaming(Layout.PLAIN, LOGS, SOCKETS);
  private final LogFileNaming chromeos = new LogFileNaming(Layout.CHROMEOS, LOGS, SOCKETS);

  @ParameterizedTest
  @CsvSource(
      ignoreLeadingAndTrailingWhitespace = false,
      delimiter = '|',
      value = {
        "alice|web-1|alice/web-1.log",
        "Alice_2|a.b-c|Alice_2/a.b-c.log",
        ".hidden|.log|%2Ehidden/%2Elog.log",
        "..|..|%2E./%2E..log",
        ".|.|%2E/%2E.log",
        "@realms|@host|%40realms/%40host.log",
        "a/b|../../etc/passwd|a%2Fb/%2E.%2F..%2Fetc%2Fpasswd.log",
        "forwarder.sock|forwarder.sock|forwarder.sock/forwarder.sock.log",
        "ä|日本|%C3%A4/%E6%97%A5%E6%9C%AC.log",
        "a b|100%|a%20b/100%25.log",
        "~|a~0123456789abcdef|%7E/a%7E0123456789abcdef.log",
        "x.log|x.log.1|x.log/x.log.1.log",
      })
  void file_plain_isPercentEncoded(String owner, String name, String expected) {
    assertThat(plain.file(new VmId(owner, name)).in(LOGS)).isEqualTo(LOGS.resolve(expected));
  }

  @Test
  void file_controlCharacters_arePercentEncoded() {
    assertThat(plain.file(new VmId("a\0b", "c\nd\u007f"))).hasToString("a%00b/c%0Ad%7F.log");
  }

  @Test
  void file_plainAt200Bytes_isWhole() {
    String name = "n".repeat(197) + "/";

    assertThat(plain.file(new VmId("o", name)).stem()).isEqualTo("n".repeat(197) + "%2F");
  }

  /** The digests are {@code printf … | sha256sum}'s. */
  @Test
  void file_plainOver200Bytes_isCutWithDigest() {
    assertThat(plain.file(new VmId("o", "n".repeat(201))).stem())
        .isEqualTo("n".repeat(183) + "~" + "291c4194382c6bd5");
    // No half escape: 182 and a %2F would be 185.
    assertThat(plain.file(new VmId("o", "n".repeat(182) + "/".repeat(7))).stem())
        .isEqualTo("n".repeat(182) + "~" + "c960616e4a33fdd5");
  }

  @ParameterizedTest
  @CsvSource({
    "0123456789abcdef, termina, 0123456789abcdef/log/dGVybWluYQ==.log",
    "ABCDEF, a?>~, ABCDEF/log/YT8-fg==.log",
    "1, .., 1/log/Li4=.log",
    "1, /, 1/log/Lw==.log",
    "1, ÿ?ÿ, 1/log/w78_w78=.log",
  })
  void file_chromeos_isBase64(String owner, String name, String expected) {
    assertThat(chromeos.file(new VmId(owner, name)).in(LOGS)).isEqualTo(LOGS.resolve(expected));
  }

  @ParameterizedTest
  @ValueSource(strings = {"alice", "..", "a/b", "0x1", "@host", "é", "1 ", " ", "g"})
  void file_chromeosOwnerNotHex_isRefused(String owner) {
    assertThatThrownBy(() -> chromeos.file(new VmId(owner, "n")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "owner \"%s\"; allowed in the chromeos layout are 1 to 64 hexadecimal digits", owner);
  }

  @Test
  void file_chromeosOwnerOf65Digits_isRefused() {
    assertThat(chromeos.file(new VmId("a".repeat(64), "n"))).isNotNull();
    assertThatThrownBy(() -> chromeos.file(new VmId("a".repeat(65), "n")))
        .hasMessageContaining("…\"; allowed in the chromeos layout");
  }

  @Test
  void file_chromeosNameTooLong_isRefusedBeforeTheFileSystemDoes() {
    assertThat(chromeos.file(new VmId("a", "n".repeat(180))).stem()).hasSize(240);
    assertThatThrownBy(() -> chromeos.file(new VmId("a", "n".repeat(181))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(
            "…\" has 244 bytes in base64; allowed in the chromeos layout are 242");
  }

  @Test
  void file_unpairedSurrogate_isRefused() {
    for (LogFileNaming naming : List.of(plain, chromeos)) {
      assertThatThrownBy(() -> naming.file(new VmId("a", "x\uD800")))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("name \"x?\"; allowed is well-formed Unicode");
    }
  }

  @Test
  void refusal_hostileName_cannotForgeALogLine() {
    assertThatThrownBy(() -> chromeos.file(new VmId("x\n<0>forged\u202e\u2028\"", "n")))
        .hasMessage(
            "owner \"x?<0>forged???\"; allowed in the chromeos layout are 1 to 64 hexadecimal"
                + " digits");
  }

  @Test
  void hostUser_anyUid_isUnsigned() {
    assertThat(plain.hostUser(1000)).hasToString("@host/1000.log");
    assertThat(chromeos.hostUser(-2)).hasToString("@host/4294967294.log");
  }

  @Test
  void component_anyLayout_isBelowItsRealms() {
    ComponentId cart = ComponentId.parse("shop/eu/cart.service");
    assertThat(plain.component(cart)).hasToString("@realms/shop/eu/cart.service.log");
    assertThat(chromeos.component(cart)).hasToString("@realms/shop/eu/cart.service.log");
    assertThat(plain.component(ComponentId.parse("init"))).hasToString("@realms/init.log");
  }

  @Test
  void component_hostileNames_stayWithinTheirFolderAndApart() {
    assertThat(plain.component(ComponentId.parse("../..\\/.hidden")))
        .hasToString("@realms/%2E%2E/%2E%2E%5C/%2Ehidden.log");
    // A realm's folder never has the name of a component's file.
    assertThat(plain.component(ComponentId.parse("x.log/y"))).hasToString("@realms/x%2Elog/y.log");
    assertThat(plain.component(ComponentId.parse("x%2Elog/y")))
        .hasToString("@realms/x%252Elog/y.log");
  }

  @Test
  void component_deepRealm_isOneFolderNamedByADigest() {
    String deep = ("é".repeat(16) + "/").repeat(50);
    LogFileName file = plain.component(ComponentId.parse(deep + "n".repeat(255)));
    assertThat(file.toString()).matches("@realms/~[0-9a-f]{16}/n{183}~[0-9a-f]{16}\\.log");
    assertThat(plain.component(ComponentId.parse("other/" + deep.substring(17) + "n".repeat(255))))
        .isNotEqualTo(file);
  }

  @Test
  void sockets_bothLayouts_areWhereVmmsLookForThem() {
    VmId alice = new VmId("alice", "web/1");
    assertThat(plain.datagramSocket(alice).path())
        .isEqualTo(Path.of("/run/vmlog/vm/alice/web%2F1.lsock"));
    assertThat(plain.grpcSocket(alice).path())
        .isEqualTo(Path.of("/run/vmlog/vm/alice/web%2F1.grpc"));
    VmId termina = new VmId("0a1b", "termina");
    assertThat(chromeos.datagramSocket(termina).path())
        .isEqualTo(Path.of("/var/log/vmlog/0a1b/log/dGVybWluYQ==.lsock"));
    assertThat(chromeos.grpcSocket(termina).path())
        .isEqualTo(Path.of("/run/vmlog/vm/0a1b/dGVybWluYQ==.grpc"));
  }

  @Test
  void sockets_pathThatNoAddressHasRoomFor_areNamedByADigestAndDiffer() {
    VmId fits = new VmId("alice", "n".repeat(107 - "/run/vmlog/vm/alice/.journal".length()));
    VmId longer = new VmId("alice", fits.name() + "n");
    assertThat(plain.socket(fits, "journal").path().toString()).hasSize(107);
    assertThat(plain.grpcSocket(fits).path()).hasParentRaw(Path.of("/run/vmlog/vm/alice"));
    for (String kind : List.of("lsock", "grpc", "journal", "console", "syslog")) {
      assertThat(plain.socket(longer, kind).path().toString())
          .matches("/run/vmlog/vm/~[0-9a-f]{16}[.]" + kind);
    }
    assertThat(plain.socket(longer, "grpc"))
        .isNotEqualTo(plain.socket(new VmId("bob", longer.name()), "grpc"));
    assertThat(plain.datagramSocket(longer)).isEqualTo(plain.socket(longer, "lsock"));
    assertThat(chromeos.datagramSocket(new VmId("0a1b", "n".repeat(90))).path().toString())
        .matches("/run/vmlog/vm/~[0-9a-f]{16}[.]lsock");
  }

  @Test
  void sockets_inTheLongestFolder_fitAnAddress() {
    Path folder = Path.of("/" + "f".repeat(LogFileNaming.MAX_SOCKET_DIRECTORY_BYTES - 1));
    LogFileNaming naming = new LogFileNaming(Layout.PLAIN, Path.of("/logs"), folder);
    assertThat(naming.socket(new VmId("a", "b".repeat(200)), "journal").path().toString())
        .hasSize(107);
  }

  @Test
  void file_everyLengthTo10000_isAFileOrIsRefused(@TempDir Path temp) throws IOException {
    Map<LogFileName, String> names = new HashMap<>();
    for (int length = 1; length <= 10_000; length++) {
      String name = (length % 2 == 0 ? "/" : "n").repeat(length);
      assertThat(names.put(plain.file(new VmId("o", name)), name)).isNull();
      if (length > 180) {
        assertThatThrownBy(() -> chromeos.file(new VmId("a", name)))
            .isInstanceOf(IllegalArgumentException.class);
      } else {
        assertThat(names.put(chromeos.file(new VmId("a", name)), name)).isNull();
      }
    }
    for (LogFileName name : names.keySet()) {
      Files.createFile(temp.resolve(name.file() + ".99999.gz"));
      Files.delete(temp.resolve(name.file() + ".99999.gz"));
    }
  }

  @Test
  void file_randomNames_neverCollideNorLeaveTheFolder() {
    long seed = Long.getLong("vmlog.seed", System.nanoTime());
    System.out.println("LogFileNamingTest: -Dvmlog.seed=" + seed);
    Random random = new Random(seed);
    Map<Path, VmId> seen = new HashMap<>();
    for (int i = 0; i < 50_000; i++) {
      VmId id = new VmId(hostile(random), hostile(random));
      Path path = plain.file(id).in(LOGS);
      VmId other = seen.put(path, id);
      assertThat(other == null || other.equals(id)).as("%s and %s", id, other).isTrue();
      assertThat(path.normalize()).isEqualTo(path);
      assertThat(path.getNameCount()).isEqualTo(LOGS.getNameCount() + 2);
      String owner = path.getName(LOGS.getNameCount()).toString();
      assertThat(owner).doesNotStartWith("@").doesNotStartWith(".").matches("\\p{ASCII}{1,200}");
    }
  }

  private static String hostile(Random random) {
    String alphabet = "a./@%~2E\0\né日\\";
    StringBuilder name = new StringBuilder();
    int length = 1 + random.nextInt(random.nextInt(20) == 0 ? 300 : 4);
    for (int i = 0; i < length; i++) {
      name.append(alphabet.charAt(random.nextInt(alphabet.length())));
    }
    assertThat(name.toString().getBytes(StandardCharsets.UTF_8)).isNotEmpty();
    return name.toString();
  }
}
