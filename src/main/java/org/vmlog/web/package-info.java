/**
 * {@code vmlog web}: logs in a browser of this host, for the user who runs it and nobody else. A
 * small HTTP server on a loopback address hands out three files and, to each page, a stream of
 * lines that is a {@code vmlog tail -f} of its own.
 *
 * <p>Each connection has a thread; a stream has another, which follows the logs. Their number is
 * bounded, and so is what waits between the two.
 */
@NullMarked
package org.vmlog.web;

import org.jspecify.annotations.NullMarked;
