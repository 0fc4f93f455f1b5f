/**
 * Fuzzing. A target is a test class with a {@code public static void fuzzerTestOneInput(byte[])},
 * which is what the Jazzer fuzzer calls; it stands in the package of what it checks.
 *
 * <p>Each build replays a target's corpus ({@link org.vmlog.fuzz.Corpus}) and some mutants of it,
 * without instrumentation. {@code make fuzz} runs {@link org.vmlog.fuzz.Fuzz}, which has Jazzer
 * look for new inputs.
 */
package org.vmlog.fuzz;
