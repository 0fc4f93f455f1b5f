package org.vmlog;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.NumberFormat;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Formatter;
import java.util.List;
import java.util.Scanner;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.vmlog.forwarder.ForwarderDaemon;

/**
 * What programs write and decide is the same whatever the language of the host. The C library
 * translates what errors say, and Java writes numbers with the digits of the default locale.
 */
class MachineTextTest {
  /** What a Formatter writes by the locale; {@code %s}, {@code %x} and {@code %o} are not. */
  private static final Pattern LOCALIZED =
      Pattern.compile(
          "(?<!%)%(([0-9]+[$])?[-+ 0,(#]*[0-9]*([.][0-9]+)?[dfge](?![A-Za-z0-9])|[tT][A-Za-z])");

  private static final Set<String> COMPARISONS =
      Set.of(
          "contains", "equals", "equalsIgnoreCase", "startsWith", "endsWith", "matches", "indexOf");

  private static final JavaClasses MAIN =
      new ClassFileImporter()
          .importUrl(ForwarderDaemon.class.getProtectionDomain().getCodeSource().getLocation());

  @Test
  void formats_dependOnTheLocale_nameIt() throws IOException {
    List<String> found = new ArrayList<>();
    try (Stream<Path> files = Files.walk(Path.of("src/main/java"))) {
      for (Path file : files.filter(one -> one.toString().endsWith(".java")).toList()) {
        String code = Files.readString(file).replaceAll("(?s)/[*].*?[*]/", "");
        for (String statement : code.split(";")) {
          if (LOCALIZED.matcher(statement).find() && !statement.contains("Locale.ROOT")) {
            found.add(file + ": " + statement.strip());
          }
        }
      }
    }
    assertThat(found).as("%%d and its like without Locale.ROOT; %%s will do").isEmpty();
  }

  @Test
  void calls_takeTheDefaultLocale_areNone() {
    assertThat(calls())
        .filteredOn(MachineTextTest::takesDefaultLocale)
        .extracting(JavaCall::getDescription)
        .isEmpty();
  }

  /** The type or the number of an error says what it is. */
  @Test
  void errors_areToldByTheirMessage_never() {
    assertThat(units())
        .filteredOn(
            unit ->
                calls(unit).anyMatch(MachineTextTest::takesMessage)
                    && calls(unit).anyMatch(MachineTextTest::comparesText))
        .extracting(JavaCodeUnit::getFullName)
        .isEmpty();
  }

  private static boolean takesDefaultLocale(JavaCall<?> call) {
    JavaClass owner = call.getTargetOwner();
    List<JavaClass> parameters = call.getTarget().getRawParameterTypes();
    boolean unnamed =
        parameters.stream().noneMatch(type -> type.isEquivalentTo(java.util.Locale.class));
    return unnamed
        && (owner.isEquivalentTo(String.class)
                && (call.getName().equals("toUpperCase") || call.getName().equals("toLowerCase"))
            || owner.isEquivalentTo(DateTimeFormatter.class)
                && (call.getName().equals("ofPattern") || call.getName().startsWith("ofLocalized"))
            || owner.isAssignableTo(NumberFormat.class) && call.getName().startsWith("get")
            || owner.isEquivalentTo(java.text.DecimalFormat.class)
                && call.getName().equals("<init>")
            || owner.isEquivalentTo(java.text.SimpleDateFormat.class)
            || owner.isEquivalentTo(Formatter.class) && call.getName().equals("<init>")
            || owner.isEquivalentTo(Scanner.class) && call.getName().equals("<init>"));
  }

  private static boolean takesMessage(JavaCall<?> call) {
    return call.getTargetOwner().isAssignableTo(Throwable.class)
        && Set.of("getMessage", "getLocalizedMessage", "toString").contains(call.getName());
  }

  private static boolean comparesText(JavaCall<?> call) {
    return call.getTargetOwner().isEquivalentTo(String.class)
        && COMPARISONS.contains(call.getName());
  }

  private static List<JavaCall<?>> calls() {
    return units().stream().<JavaCall<?>>flatMap(MachineTextTest::calls).toList();
  }

  private static Stream<JavaCall<?>> calls(JavaCodeUnit unit) {
    return Stream.concat(
        unit.getMethodCallsFromSelf().stream(), unit.getConstructorCallsFromSelf().stream());
  }

  private static List<JavaCodeUnit> units() {
    return MAIN.stream()
        .filter(one -> !one.getPackageName().startsWith("org.vmlog.proto"))
        .flatMap(one -> one.getCodeUnits().stream())
        .toList();
  }
}
