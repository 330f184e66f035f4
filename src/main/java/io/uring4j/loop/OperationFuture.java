package io.uring4j.loop;

import io.uring4j.Errno;
import io.uring4j.UringException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A future that an operation completes. To cancel it asks for the operation's end, and waits for that like anybody. */
class OperationFuture extends CompletableFuture<Integer> implements ResultHandler<@Nullable Object> {
    private final EventLoop loop;
    private final String call;
    private long token;
    private volatile boolean started;

    OperationFuture(EventLoop loop, String call) {
        this.loop = loop;
        this.call = call;
    }

    final void startedAs(long operationToken) {
        token = operationToken;
        started = true;
    }

    void cancelOperation() {
        if (started) {
            loop.cancelQuietly(token);
        }
    }

    @Override
    public final void completed(int result, int flags, @Nullable Object attachment) {
        if (result >= 0) {
            complete(result);
        } else if (Errno.ECANCELED.is(result)) {
            completeExceptionally(new CancellationException(call + " was cancelled"));
        } else {
            completeExceptionally(new UringException(call, result));
        }
    }

    /** Asks for the operation's end; true while it hasn't ended. */
    @Override
    public final boolean cancel(boolean mayInterruptIfRunning) {
        if (isDone()) {
            return isCancelled();
        }
        cancelOperation();
        return true;
    }

    @Override
    public final <U> CompletableFuture<U> newIncompleteFuture() {
        return new CompletableFuture<>();
    }
}
