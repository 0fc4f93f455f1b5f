package org.vmlog.exposition;

import java.util.List;

/**
 * How shipping goes at a moment, and what was counted since the start. Immutable.
 *
 * @param state one of the states
 * @param states all there are
 * @param blockedLogs those whose next line the engine does not take
 * @param unreadableFiles those that are passed, since they cannot be read to their ends
 * @param behindBytes what is in the files and not acknowledged
 * @param rejected records that the engine will never take
 * @param acknowledgedAt when it took something last, in seconds since 1970; 0 before that
 */
public record ShipFigures(
    String state,
    List<String> states,
    long logs,
    long blockedLogs,
    long unreadableFiles,
    long behindBytes,
    long records,
    long bytes,
    long shipments,
    long retries,
    long tooLarge,
    long rejected,
    long gaps,
    long gapBytes,
    double acknowledgedAt) {}
