package io.uring4j;

import static org.assertj.core.api.Assertions.assertThat;

import io.uring4j.abi.Abi;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Assumptions;

/** A platform thread beside the test's, whose failures reach the test. */
final class OtherThread<T> {
    private final CompletableFuture<Integer> kernelId = new CompletableFuture<>();
    private final FutureTask<T> task;
    private final Thread thread;

    private OtherThread(Callable<T> body) {
        task = new FutureTask<>(() -> {
            kernelId.complete(Posix.gettid());
            return body.call();
        });
        thread = Thread.ofPlatform().daemon().name("other").start(task);
    }

    static <T> OtherThread<T> start(Callable<T> body) {
        return new OtherThread<>(body);
    }

    /** Runs something on another thread to its end. */
    static <T> T call(Callable<T> body) throws Exception {
        return start(body).result();
    }

    int kernelId() {
        return kernelId.join();
    }

    boolean isDone() {
        return task.isDone();
    }

    /** Waits for the end of the body, and throws what it has thrown. */
    T result() throws Exception {
        try {
            return task.get(Completion.PATIENCE_NANOS, TimeUnit.NANOSECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Exception cause) {
                throw cause;
            }
            throw e;
        } catch (TimeoutException e) {
            AssertionError error = new AssertionError("the other thread has not ended");
            error.setStackTrace(thread.getStackTrace());
            throw error;
        }
    }

    /** Waits for the end of the thread itself, not only of its body. */
    void awaitEnd() throws InterruptedException {
        assertThat(thread.join(Duration.ofNanos(Completion.PATIENCE_NANOS))).as("thread has ended").isTrue();
        Path task = Path.of("/proc/self/task/" + kernelId());
        Waiting.until("the kernel has let go of the thread", () -> !Files.exists(task));
    }

    /** Waits until the thread sleeps inside io_uring_enter, as the kernel tells. */
    void awaitInsideEnter() {
        awaitInside("io_uring_enter", Abi.__NR_io_uring_enter());
    }

    /** Waits until the thread sleeps inside poll, which is ppoll where there is no poll. */
    void awaitInsidePoll() {
        awaitInside("poll", System.getProperty("os.arch").equals("aarch64") ? 73 : 7);
    }

    private void awaitInside(String call, int callNumber) {
        Path syscall = Path.of("/proc/self/task/" + kernelId() + "/syscall");
        Assumptions.assumeTrue(
                Files.isReadable(Path.of("/proc/self/syscall")), "this kernel doesn't tell where a thread waits");
        String number = callNumber + " ";
        Waiting.until("the thread waits in " + call, () -> {
            try {
                return isDone() || Files.readString(syscall).startsWith(number);
            } catch (IOException e) {
                // The thread is ending; whether it should, its result tells.
                return isDone();
            }
        });
    }
}
