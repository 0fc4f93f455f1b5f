/**
 * Looks at a host as an operator would whom no logs reach: whether everything is there that the
 * forwarder needs, and what to do where it is not. Nothing is changed, and no service started. All
 * of it runs on the thread that asks, one check after the other.
 */
@NullMarked
package org.vmlog.doctor;

import org.jspecify.annotations.NullMarked;
