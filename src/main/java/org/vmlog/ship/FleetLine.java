package org.vmlog.ship;

import org.vmlog.view.LogLine;

/**
 * A record of some host's, as it was shipped. Immutable.
 *
 * @param id the same whenever the same line is shipped
 */
public record FleetLine(String id, LogLine line) {}
