/**
 * The programs' {@code main}s: options, wiring, signals, exit codes. The only package that sees
 * picocli.
 */
@NullMarked
package org.vmlog.cli;

import org.jspecify.annotations.NullMarked;
