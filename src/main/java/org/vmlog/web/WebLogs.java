package org.vmlog.web;

import java.nio.file.Path;
import java.time.InstantSource;
import java.time.ZoneId;
import java.util.function.Predicate;
import org.vmlog.logs.LogName;
import org.vmlog.logs.Problems;

/**
 * What is shown. Immutable.
 *
 * @param folder with the logs
 * @param meant which of them
 * @param lines how many of each VM are shown at first
 * @param sockets by which it can be told which VMs are live
 * @param problems told, by any thread, of what cannot be read
 */
public record WebLogs(
    Path folder,
    Predicate<LogName> meant,
    int lines,
    Path sockets,
    ZoneId zone,
    InstantSource clock,
    Problems problems) {}
