package io.uring4j.bench.row;

import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The machine as rows see it: a directory for their files, and what readers of the results must know about it. */
public final class Site {
    private final Path dataDirectory;
    private final List<String> notes = new ArrayList<>();

    public Site(Path dataDirectory) {
        this.dataDirectory = dataDirectory;
    }

    /** Where a row may put files; its file system is what file rows measure. */
    public Path dataDirectory() {
        return dataDirectory;
    }

    /** Looks whether others use the machine, before anything is measured. */
    public void lookForOthers() {
        var system = ManagementFactory.getOperatingSystemMXBean();
        if (system.getSystemLoadAverage() > system.getAvailableProcessors()) {
            notes.add(String.format(
                    "The machine was busy before measuring began (load %.1f on %d processors): mistrust the figures.",
                    system.getSystemLoadAverage(), system.getAvailableProcessors()));
        }
    }

    /** Takes note of what isn't measured, and why. */
    void skip(String what, String reason) {
        notes.add(what + " skipped: " + reason);
    }

    /** What readers must know, a sentence each. */
    public List<String> notes() {
        return List.copyOf(notes);
    }
}
