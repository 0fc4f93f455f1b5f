/**
 * What is to be shown: which logs, and which of their lines. Everything here is a value, or made
 * once from what was typed, and may be used by any thread.
 */
@NullMarked
package org.vmlog.view.query;

import org.jspecify.annotations.NullMarked;
