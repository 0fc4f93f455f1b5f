/**
 * How lines are shown: to people, to programs, to terminals, which must not be tricked by what a
 * guest wrote. Printers are confined to one thread.
 */
@NullMarked
package org.vmlog.view.render;

import org.jspecify.annotations.NullMarked;
