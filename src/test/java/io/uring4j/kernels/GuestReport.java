package io.uring4j.kernels;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.UniqueId;
import org.junit.platform.engine.support.descriptor.ClassSource;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.TestPlan;

/**
 * Collects what became of each test, and writes it in JUnit's XML format. A test that doesn't end is reported as an
 * error with the stacks of all threads, and ends this JVM; the classes that are left then stand in a file beside the
 * report, for another JVM.
 */
final class GuestReport implements TestExecutionListener {
    /** Long for an emulated processor on a busy machine, too. */
    private static final Duration LIMIT = Duration.ofSeconds(90);

    /** The status of a JVM that left tests over. */
    private static final int UNFINISHED = 3;

    private final Path file;
    private final long end;
    private final Set<String> left;
    private final List<Outcome> outcomes = new ArrayList<>();
    private final Map<String, Long> started = new LinkedHashMap<>();
    private TestPlan plan;

    private record Outcome(String className, String name, double seconds, String element, String message, String text) {}

    /**
     * Starts watching.
     *
     * @param file what to write; the classes that are left go to a file with .left behind its name
     * @param budget how long all tests together may take
     * @param tests the lines that select them
     */
    GuestReport(Path file, Duration budget, List<String> tests) {
        this.file = file;
        end = System.nanoTime() + budget.toNanos();
        left = new LinkedHashSet<>(tests);
        Thread.ofPlatform().daemon().name("watch").start(this::watch);
    }

    @Override
    public synchronized void testPlanExecutionStarted(TestPlan plan) {
        this.plan = plan;
    }

    @Override
    public synchronized void executionStarted(TestIdentifier test) {
        if (test.isTest()) {
            started.put(test.getUniqueId(), System.nanoTime());
        } else if (test.getSource().orElse(null) instanceof ClassSource type) {
            left.remove(type.getClassName());
            note(type.getClassName());
            append(".begun", type.getClassName() + "\n");
        }
    }

    @Override
    public synchronized void executionSkipped(TestIdentifier test, String reason) {
        add(test, "skipped", reason, "");
    }

    @Override
    public synchronized void executionFinished(TestIdentifier test, TestExecutionResult result) {
        // Of a class or a group of tests, only what kept its tests from running.
        if (test.isTest() || result.getStatus() != TestExecutionResult.Status.SUCCESSFUL) {
            Throwable cause = result.getThrowable().orElse(null);
            switch (result.getStatus()) {
                case SUCCESSFUL -> add(test, "", "", "");
                case ABORTED -> add(test, "skipped", cause == null ? "" : String.valueOf(cause.getMessage()), "");
                case FAILED -> add(test, "failure", String.valueOf(cause), stackOf(cause));
            }
        }
        started.remove(test.getUniqueId());
    }

    private void add(TestIdentifier test, String element, String message, String text) {
        Long start = started.get(test.getUniqueId());
        double seconds = start == null ? 0 : (System.nanoTime() - start) / 1e9;
        Deque<String> names = new ArrayDeque<>();
        TestIdentifier at = test;
        while (!(at.getSource().orElse(null) instanceof ClassSource) && plan.getParent(at).isPresent()) {
            names.addFirst(at.getDisplayName());
            at = plan.getParent(at).orElseThrow();
        }
        String className = at.getSource()
                .map(source -> source instanceof ClassSource type ? type.getClassName() : "")
                .orElse("");
        String name = names.isEmpty() ? "(all)" : String.join(" / ", names);
        Outcome outcome = new Outcome(className, name, seconds, element, message, text);
        outcomes.add(outcome);
        append(".sofar", xmlOf(outcome));
    }

    /** What is known so far lies beside the report: all that is left when the kernel holds up the whole JVM. */
    private void append(String suffix, String text) {
        try {
            Files.writeString(
                    file.resolveSibling(file.getFileName() + suffix),
                    text,
                    StandardOpenOption.CREATE,
                    StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** If the kernel takes the whole guest down, this is what tells where. */
    private static void note(String className) {
        try {
            Files.writeString(Path.of("/dev/console"), "uring4j-guest: " + className + "\n");
        } catch (IOException e) {
            // Not in a guest.
        }
    }

    private void watch() {
        while (true) {
            try {
                Thread.sleep(1000);
            } catch (InterruptedException e) {
                return;
            }
            checkTime(System.nanoTime());
        }
    }

    private synchronized void checkTime(long now) {
        for (Map.Entry<String, Long> test : started.entrySet()) {
            if (now - test.getValue() > LIMIT.toNanos()) {
                giveUp(test.getKey(), "did not end within " + LIMIT.toSeconds() + " s; the rest of its class wasn't run");
            }
        }
        if (now - end > 0) {
            outcomes.add(new Outcome(
                    "io.uring4j.kernels.GuestSuite",
                    "time for all",
                    0,
                    "error",
                    left.size() + " classes had no time",
                    left.toString()));
            String test = started.isEmpty() ? null : started.keySet().iterator().next();
            giveUp(test, "the time for all tests was over");
        }
    }

    private void giveUp(String id, String message) {
        StringBuilder stacks = new StringBuilder();
        Thread.getAllStackTraces().forEach((thread, frames) -> {
            stacks.append(thread).append('\n');
            for (StackTraceElement frame : frames) {
                stacks.append("    ").append(frame).append('\n');
            }
        });
        if (id != null) {
            add(plan.getTestIdentifier(UniqueId.parse(id)), "error", message, stacks.toString());
        }
        try {
            Files.write(file.resolveSibling(file.getFileName() + ".left"), left);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        write();
        System.exit(UNFINISHED);
    }

    private static String stackOf(Throwable cause) {
        StringWriter text = new StringWriter();
        if (cause != null) {
            cause.printStackTrace(new PrintWriter(text));
        }
        return text.toString();
    }

    synchronized void write() {
        StringBuilder xml = new StringBuilder("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
        xml.append("<testsuite name=\"guest\" tests=\"%d\" failures=\"%d\" errors=\"%d\" skipped=\"%d\">\n"
                .formatted(outcomes.size(), count("failure"), count("error"), count("skipped")));
        outcomes.forEach(outcome -> xml.append(xmlOf(outcome)));
        xml.append("</testsuite>\n");
        try {
            // Under another name until it is whole: guest/run waits for it.
            Path part = file.resolveSibling(file.getFileName() + ".part");
            Files.writeString(part, xml);
            Files.move(part, file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String xmlOf(Outcome outcome) {
        String start = "  <testcase classname=\"%s\" name=\"%s\" time=\"%.3f\""
                .formatted(escape(outcome.className), escape(outcome.name), outcome.seconds);
        if (outcome.element.isEmpty()) {
            return start + "/>\n";
        }
        return start + "><%s message=\"%s\">%s</%s></testcase>\n"
                .formatted(outcome.element, escape(outcome.message), escape(outcome.text), outcome.element);
    }

    private long count(String element) {
        return outcomes.stream().filter(outcome -> outcome.element.equals(element)).count();
    }

    /** Control characters aren't allowed in XML, whichever way they are written. */
    private static String escape(String text) {
        StringBuilder escaped = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '&' -> escaped.append("&amp;");
                case '<' -> escaped.append("&lt;");
                case '>' -> escaped.append("&gt;");
                case '"' -> escaped.append("&quot;");
                case '\n', '\t' -> escaped.append("&#").append((int) c).append(';');
                default -> escaped.append(c < ' ' || Character.isSurrogate(c) || c >= '\ufffe' ? '?' : c);
            }
        }
        return escaped.toString();
    }
}
