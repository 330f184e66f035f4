package io.uring4j.kernels;

import static org.assertj.core.api.Assertions.fail;
import static org.junit.jupiter.api.DynamicContainer.dynamicContainer;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.uring4j.kernels.GuestResult.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.ExtendWith;
import org.opentest4j.TestAbortedException;

/**
 * Runs the project's tests on each kernel of {@code ci/kernels/matrix}, in a guest of QEMU's. Every test of a guest
 * appears here by its name with what became of it there.
 */
@Tag("kernels")
@ExtendWith(NeedsGuests.class)
class KernelMatrixTest {
    /** Guests have one processor each; one more guest than there are processors uses those that others leave idle. */
    private static final int GUESTS_AT_A_TIME =
            Math.clamp(Runtime.getRuntime().availableProcessors() + 1L, 2, 5);

    /** Names of kernels, separated by commas, instead of all that are for this machine's architecture. */
    static final String ONLY = System.getProperty("uring4j.kernels", "");

    /** One test class or method, instead of the suite. */
    private static final String ONE_TEST = System.getProperty("uring4j.kernels.test", "");

    private static final Map<Kernel, GuestResult> results = new LinkedHashMap<>();
    private static Backend backend;
    private static ExecutorService guests;

    @BeforeAll
    static void prepare() throws IOException {
        guests = Executors.newFixedThreadPool(GUESTS_AT_A_TIME, Thread.ofPlatform().daemon().name("guest-", 0).factory());
        backend = new SecondTry(Backends.choose());
    }

    @AfterAll
    static void finish() throws IOException {
        guests.shutdownNow();
        if (ONE_TEST.isEmpty()) {
            writePage();
        }
    }

    /** From this run, and for other kernels from what their last whole run has left. */
    private static void writePage() throws IOException {
        Map<Kernel, GuestResult> all = new LinkedHashMap<>();
        for (Kernel kernel : Kernel.matrix()) {
            Path folder = Project.OUTPUT.resolve(kernel.name());
            GuestResult result = results.containsKey(kernel) ? results.get(kernel) : GuestResult.read(folder);
            if (results.containsKey(kernel) || !result.benchmarks().isEmpty()) {
                all.put(kernel, result);
            }
        }
        if (!all.isEmpty()) {
            KernelsPage.write(all);
        }
    }

    @TestFactory
    Stream<DynamicNode> kernels() throws IOException, InterruptedException {
        List<Kernel> kernels = Kernel.chosen(ONLY);
        Payload payload = Payload.build(ONE_TEST);
        Map<String, Path> payloads = new HashMap<>();
        for (Kernel kernel : kernels) {
            if (!payloads.containsKey(kernel.architecture())) {
                payloads.put(kernel.architecture(), payload.tar(kernel.architecture()));
            }
        }
        Path ofThisMachine = payloads.get(Kernel.NATIVE);
        boolean accelerated = ofThisMachine != null && Backends.canAccelerate(backend, ofThisMachine);
        System.out.println("Guests run by " + backend.title() + (accelerated ? " with KVM" : ", emulated"));
        Map<Kernel, CompletableFuture<GuestResult>> runs = new LinkedHashMap<>();
        for (Kernel kernel : kernels) {
            Path its = payloads.get(kernel.architecture());
            runs.put(
                    kernel,
                    CompletableFuture.supplyAsync(() -> run(kernel, its, accelerated && kernel.isNative()), guests));
        }
        return runs.entrySet().stream()
                .map(run -> dynamicContainer(
                        "Linux " + run.getKey().name(),
                        // Only now, when JUnit asks for its tests, is the guest waited for.
                        Stream.of(run.getValue()).flatMap(result -> nodes(run.getKey(), result))));
    }

    private static GuestResult run(Kernel kernel, Path payload, boolean accelerated) {
        try {
            Path folder = Files.createDirectories(Project.OUTPUT.resolve(kernel.name()));
            backend.boot(kernel.architecture(), kernel.name(), payload, folder, accelerated);
            return GuestResult.read(folder);
        } catch (IOException | InterruptedException e) {
            throw new CompletionException(e);
        }
    }

    private static Stream<DynamicNode> nodes(Kernel kernel, CompletableFuture<GuestResult> run) {
        GuestResult result;
        try {
            result = run.join();
        } catch (CompletionException e) {
            return Stream.of(dynamicTest("the guest can be started", () -> {
                throw e.getCause();
            }));
        }
        results.put(kernel, result);
        System.out.printf(
                "Linux %s: %d passed, %d skipped, %d failed in %.0f s%n",
                result.release().isEmpty() ? kernel.name() + " (died)" : result.release(),
                result.count(Outcome.PASSED),
                result.count(Outcome.SKIPPED),
                result.count(Outcome.FAILED),
                result.seconds());
        List<DynamicNode> nodes = new ArrayList<>();
        nodes.add(dynamicTest(
                "the guest gets to its end on the kernel that was asked for", () -> result.requireEndOn(kernel)));
        if (ONE_TEST.isEmpty()) {
            nodes.add(dynamicTest(
                    "at least " + kernel.floor() + " tests pass", () -> result.requireAtLeast(kernel.floor())));
        } else {
            nodes.add(dynamicTest("a test ran", () -> result.requireAtLeast(1)));
        }
        if (ONE_TEST.isEmpty()) {
            nodes.add(dynamicContainer("restrictions", new GuestRestrictions(result).tests()));
            nodes.add(dynamicContainer("benchmarks", new MatrixBenchmarks(result).tests()));
        }
        Map<String, List<DynamicNode>> classes = new LinkedHashMap<>();
        for (GuestResult.Test test : result.tests()) {
            classes.computeIfAbsent(test.className(), name -> new ArrayList<>())
                    .add(dynamicTest(test.name(), () -> replay(test)));
        }
        classes.forEach((name, tests) -> nodes.add(dynamicContainer(name.replace("io.uring4j.", ""), tests)));
        return nodes.stream();
    }

    private static void replay(GuestResult.Test test) {
        switch (test.outcome()) {
            case PASSED -> {}
            case SKIPPED -> throw new TestAbortedException(test.message());
            case FAILED -> fail(test.message() + "\nin the guest:\n" + test.text());
        }
    }
}
