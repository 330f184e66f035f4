package io.uring4j.kernels;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.List;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Skips a class on a machine that can boot no guests, and says why. Under continuous integration, where silence would
 * pass for success, it fails. (An assumption in the class itself would leave no trace in the report: it has no tests
 * until its factory has run.)
 */
final class NeedsGuests implements ExecutionCondition {
    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
        List<String> missing = missing();
        if (missing.isEmpty()) {
            return ConditionEvaluationResult.enabled("QEMU and the kernels are there");
        }
        String reason = "QEMU and the kernels for " + String.join(" and ", missing)
                + " aren't there: run ci/kernels/build, which says what it needs";
        String ci = System.getenv("CI");
        if (ci != null && !ci.isEmpty() && !ci.equals("false")) {
            throw new IllegalStateException("Under CI the kernel matrix is required. " + reason);
        }
        return ConditionEvaluationResult.disabled(reason);
    }

    /** The architectures of kernels that are to run, and which nothing has been built for. */
    private static List<String> missing() {
        try {
            return Kernel.chosen(KernelMatrixTest.ONLY).stream()
                    .map(Kernel::architecture)
                    .distinct()
                    .filter(architecture -> !Files.exists(Project.built(architecture).resolve("built")))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
