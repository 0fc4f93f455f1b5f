package org.vmlog.route;

import java.util.Set;
import org.jetbrains.lincheck.datastructures.ManagedStrategyGuaranteeKt;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.verifier.EpsilonVerifier;

/**
 * Runs random scenarios of a class's operations by two threads, each with every interleaving that a
 * few hundred runs can reach, systematically and not by chance. What is checked is what the class
 * says in its {@code @Validate} method, and that nothing is thrown and nobody waits for ever.
 */
final class Interleavings {
  /** Where threads may be switched; nowhere in what others do, nor in what is called from there. */
  private static final Set<String> SWITCHING =
      Set.of("HandMadeWriters", "LogPipe", "PipeDrain", "Router");

  private Interleavings() {}

  static void check(Class<?> operations, int scenarios) {
    new ModelCheckingOptions()
        .iterations(scenarios)
        .invocationsPerIteration(300)
        .threads(2)
        .actorsBefore(0)
        .actorsPerThread(2)
        .actorsAfter(0)
        .verifier(EpsilonVerifier.class)
        .addGuarantee(
            ManagedStrategyGuaranteeKt.forClasses(name -> !switches(name)).allMethods().ignore())
        .check(operations);
  }

  /** What an operation expects; a library's assertions would be looked into, and slow it down. */
  static void check(boolean expected, String otherwise) {
    if (!expected) {
      throw new AssertionError(otherwise);
    }
  }

  private static boolean switches(String className) {
    return SWITCHING.contains(className.substring(className.lastIndexOf('.') + 1))
        || className.endsWith("Operations");
  }
}
