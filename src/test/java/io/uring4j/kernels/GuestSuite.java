package io.uring4j.kernels;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.platform.engine.DiscoverySelector;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.TagFilter;
import org.junit.platform.launcher.core.LauncherConfig;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/**
 * Runs tests inside a guest, by JUnit's launcher alone: a console launcher would spend seconds of an emulated processor
 * on its options. At their end it writes down what the kernel has, for another JVM would take as many seconds to start.
 */
public final class GuestSuite {
    private GuestSuite() {}

    /**
     * Runs tests and writes a report.
     *
     * @param arguments the report's file; how many seconds all tests may take; a file with a test class on each line,
     *     perhaps with {@code #method}; tags to leave out
     * @throws IOException if a file can't be read or written
     */
    public static void main(String[] arguments) throws IOException {
        Path report = Path.of(arguments[0]);
        Duration budget = Duration.ofSeconds(Long.parseLong(arguments[1]));
        List<String> tests = Files.readAllLines(Path.of(arguments[2]));
        List<DiscoverySelector> selectors =
                tests.stream().map(GuestSuite::selector).toList();
        LauncherDiscoveryRequest request = LauncherDiscoveryRequestBuilder.request()
                .selectors(selectors)
                .filters(TagFilter.excludeTags(List.of(arguments).subList(3, arguments.length)))
                .build();
        GuestReport outcomes = new GuestReport(report, budget, tests);
        LauncherFactory.create(withoutExtensions()).execute(request, outcomes);
        outcomes.write();
        GuestFacts.write(report.resolveSibling("facts"));
        // Threads that a test left behind don't hold up the guest.
        System.exit(0);
    }

    private static DiscoverySelector selector(String line) {
        return line.contains("#") ? selectMethod(line) : selectClass(line);
    }

    private static LauncherConfig withoutExtensions() {
        return LauncherConfig.builder()
                .enableLauncherSessionListenerAutoRegistration(false)
                .enableLauncherDiscoveryListenerAutoRegistration(false)
                .enablePostDiscoveryFilterAutoRegistration(false)
                .enableTestExecutionListenerAutoRegistration(false)
                .build();
    }
}
