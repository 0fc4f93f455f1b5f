package org.vmlog;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaPackage;
import com.tngtech.archunit.core.domain.properties.HasOwner;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.vmlog.forwarder.ForwarderDaemon;

/** The order of the packages, and which of them may use which library. */
class ArchitectureTest {
  private static final String ROOT = "org.vmlog";
  private static final String GENERATED = "org.vmlog.proto..";

  /** From what is put together to what it is made of: a package uses only those further down. */
  private static final List<String> ORDER =
      List.of(
          "cli",
          "ship",
          "forwarder",
          "guest",
          "doctor",
          "top",
          "web",
          "view",
          "scrape",
          "config",
          "realm",
          "intake",
          "lifecycle",
          "exposition",
          "route",
          "sink",
          "logs",
          "wire",
          "record",
          "identity",
          "bus",
          "platform",
          "metrics");

  /** These use nothing else of ours, so that they can be read and used alone. */
  private static final List<String> ALONE = List.of("record", "identity", "metrics");

  private static final JavaClasses MAIN =
      new ClassFileImporter()
          .importUrl(ForwarderDaemon.class.getProtectionDomain().getCodeSource().getLocation());

  @Test
  void packages_useOnlyThoseBelowThem() {
    for (int i = 0; i < ORDER.size(); i++) {
      String[] above =
          ORDER.subList(0, i).stream().map(ArchitectureTest::all).toArray(String[]::new);
      if (above.length > 0) {
        noClasses()
            .that()
            .resideInAPackage(all(ORDER.get(i)))
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(above)
            .check(MAIN);
      }
    }
  }

  @Test
  void packages_areAllInTheOrder() {
    Set<String> found = new TreeSet<>();
    for (JavaClass one : MAIN) {
      String below = one.getPackageName().substring(ROOT.length());
      if (!below.isEmpty() && !below.startsWith(".proto")) {
        found.add(below.substring(1).split("\\.")[0]);
      }
    }
    assertThat(found).containsExactlyInAnyOrderElementsOf(ORDER);
  }

  @Test
  void packagesThatStandAlone_useNothingElseOfOurs() {
    for (String alone : ALONE) {
      noClasses()
          .that()
          .resideInAPackage(all(alone))
          .should()
          .dependOnClassesThat(
              resideInAPackage("org.vmlog..").and(not(resideInAPackage(all(alone)))))
          .check(MAIN);
    }
  }

  /** The pom names what is in the jar for guests, which is shipped without the host's parts. */
  @Test
  void guestsJar_hasEverythingOfOursThatItsProgramUses() throws IOException {
    String included =
        Pattern.compile("<include>(org/vmlog/[^<]+)\\*</include>")
            .matcher(Files.readString(Path.of("pom.xml")))
            .results()
            .map(include -> Pattern.quote(include.group(1).replace('/', '.')))
            .collect(Collectors.joining("|", "(", ")[A-Za-z0-9$]*"));
    assertThat(MAIN.get("org.vmlog.cli.VmSyslog").getTransitiveDependenciesFromSelf())
        .map(dependency -> dependency.getTargetClass().getName())
        .filteredOn(name -> name.startsWith(ROOT))
        .hasSizeGreaterThan(100)
        .allMatch(name -> name.matches(included));
  }

  @Test
  void guest_usesNothingOfTheHosts() {
    noClasses()
        .that()
        .resideInAPackage(all("guest"))
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            all("forwarder"),
            all("intake"),
            all("lifecycle"),
            all("route"),
            all("sink"),
            all("identity"))
        .check(MAIN);
  }

  @Test
  void grpcAndNetty_onlyInWireAndWhereOtlpIsSpoken() {
    onlyIn("io.grpc..", "org.vmlog.wire..", "org.vmlog.ship.otlp..");
    onlyIn("io.netty..", "org.vmlog.wire..");
  }

  @Test
  void dbus_onlyInBusAndItsAdapters() {
    onlyIn(
        "org.freedesktop..",
        "org.vmlog.bus..",
        "org.vmlog.lifecycle.dbus..",
        "org.vmlog.realm.dbus..");
  }

  @Test
  void junixsocket_onlyInPlatformAndBus() {
    onlyIn("org.newsclub..", "org.vmlog.platform..", "org.vmlog.bus..");
  }

  @Test
  void toml_onlyInConfig() {
    onlyIn("org.tomlj..", "org.vmlog.config..");
  }

  @Test
  void picocli_onlyInCli() {
    onlyIn("picocli..", "org.vmlog.cli..");
  }

  /** What draws on terminals is on the class path of vmlog alone. */
  @Test
  void jline_onlyInTop() {
    onlyIn("org.jline..", "org.vmlog.top..");
  }

  @Test
  void re2_onlyWhereLinesAreChosen() {
    onlyIn("com.google.re2j..", "org.vmlog.view.query..");
  }

  @Test
  void prometheus_onlyInExposition() {
    onlyIn("io.prometheus..", "org.vmlog.exposition..");
  }

  @Test
  void kafka_onlyInItsEngine() {
    onlyIn("org.apache.kafka..", "org.vmlog.ship.kafka..");
  }

  /** What faces guests and what has a network have nothing to do with each other. */
  @Test
  void shipping_knowsFilesAlone() {
    noClasses()
        .that()
        .resideInAPackage(all("ship"))
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            all("forwarder"), all("guest"), all("intake"), all("lifecycle"), all("route"))
        .check(MAIN);
  }

  @Test
  void protobuf_onlyWhereMessagesAreWalkedOrParsed() {
    onlyIn(
        "com.google.protobuf..",
        "org.vmlog.record..",
        "org.vmlog.lifecycle.dbus..",
        "org.vmlog.realm..",
        "org.vmlog.ship",
        "org.vmlog.ship.otlp..",
        GENERATED);
  }

  /** The way of a record makes no object for each: it walks the bytes. */
  @Test
  void generatedMessages_onlyWhereConnectionsAndVmsAreAnnounced() {
    onlyIn(GENERATED, "org.vmlog.lifecycle.dbus..", "org.vmlog.realm..", GENERATED);
  }

  @Test
  void threads_areMadeInOnePlace() {
    noClasses()
        .that(not(resideInAPackage("org.vmlog.cli..")))
        .and()
        .haveNameNotMatching("org\\.vmlog\\.platform\\.Threads(\\$.*)?")
        .should()
        .callConstructorWhere(
            JavaCall.Predicates.target(
                HasOwner.Predicates.With.owner(JavaClass.Predicates.type(Thread.class))))
        .check(MAIN);
  }

  @Test
  void standardStreams_onlyInCliAndPlatform() {
    noClasses()
        .that(not(resideInAnyPackage("org.vmlog.cli..", "org.vmlog.platform..")))
        .should()
        .accessField(System.class, "out")
        .orShould()
        .accessField(System.class, "err")
        .check(MAIN);
  }

  @Test
  void packages_areNullMarkedAndSayWhatTheyAreFor() {
    Set<String> missing = new TreeSet<>();
    for (JavaClass one : MAIN) {
      JavaPackage its = one.getPackage();
      if (!one.getPackageName().startsWith("org.vmlog.proto")
          && its.tryGetAnnotationOfType(NullMarked.class).isEmpty()) {
        missing.add(one.getPackageName());
      }
    }
    assertThat(missing).isEmpty();
  }

  private static void onlyIn(String library, String... packages) {
    noClasses()
        .that(not(resideInAnyPackage(packages)))
        .should()
        .dependOnClassesThat()
        .resideInAPackage(library)
        .check(MAIN);
  }

  private static String all(String name) {
    return ROOT + "." + name + "..";
  }
}
