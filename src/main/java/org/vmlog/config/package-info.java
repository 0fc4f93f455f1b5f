/**
 * Reads TOML into the features' own records and reports every error at once.
 *
 * <p>The only package that sees tomlj. Runs once, on the main thread, before anything else.
 */
@NullMarked
package org.vmlog.config;

import org.jspecify.annotations.NullMarked;
