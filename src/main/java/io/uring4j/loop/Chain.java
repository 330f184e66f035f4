package io.uring4j.loop;

import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Operations of which each starts when the one before has ended, without the loop between them: a write and a sync, say.
 * They go to the kernel together.
 *
 * <pre>{@code
 * CompletableFuture<Integer> written = new Chain(loop)
 *         .then(loop.write(fd, buffer, 0), LOG, this)
 *         .finish(loop.sync(fd, 0));
 * }</pre>
 *
 * <p>When one fails, transfers less than it was asked for, or is cancelled, the rest end with ECANCELED; after
 * {@link #thenAnyway} the next starts all the same. Each may have a {@linkplain Operation#within time limit} of its own. A
 * chain is built and started by one thread, on the loop's own thread within one handler or task. From Linux 5.3.
 *
 * <p>Whoever is told of the end of one has been told of all before it, in their order. So the end of one may wait although
 * the kernel is done with it, until one before it has its memory back: a {@linkplain EventLoop#sendZeroCopy zero-copy
 * send}, above all.
 *
 * <p>To cancel the future of a chain cancels all of it: what runs, and what hasn't started. {@link EventLoop#cancel} finds
 * a single operation by its {@linkplain #token token}, while it runs: one that waits for its turn isn't found.
 *
 * @see <a href="https://man7.org/linux/man-pages/man7/io_uring_linked_requests.7.html">io_uring_linked_requests(7)</a>
 */
public final class Chain {
    private final EventLoop loop;
    private @Nullable Operation first;
    private @Nullable Operation last;
    private int size;
    private boolean started;

    /** Of the operations in their order; none before the start. */
    private long[] tokens = {};

    /**
     * Begins a chain.
     *
     * @param loop the loop that runs it
     */
    public Chain(EventLoop loop) {
        this.loop = Objects.requireNonNull(loop);
    }

    /**
     * Adds an operation; the next starts when it has succeeded.
     *
     * @param <A> what is attached
     * @param operation one of the same loop, not started, with a single result
     * @param handler gets the result
     * @param attachment is handed to it
     * @return this chain
     */
    public <A extends @Nullable Object> Chain then(
            Operation operation, ResultHandler<? super A> handler, A attachment) {
        return add(operation, handler, attachment, Operation.LINK);
    }

    /**
     * Adds an operation; the next starts when it has ended, however it did. From Linux 5.5; up to 5.10 one whose
     * descriptor isn't open breaks the chain all the same.
     *
     * @param <A> what is attached
     * @param operation one of the same loop, not started, with a single result
     * @param handler gets the result
     * @param attachment is handed to it
     * @return this chain
     */
    public <A extends @Nullable Object> Chain thenAnyway(
            Operation operation, ResultHandler<? super A> handler, A attachment) {
        return add(operation, handler, attachment, Operation.HARD_LINK);
    }

    @SuppressWarnings("unchecked") // the handler gets the attachment that came with it
    private Chain add(Operation operation, Object handler, @Nullable Object attachment, int link) {
        Objects.requireNonNull(handler);
        append(operation);
        operation.handler = (ResultHandler<Object>) handler;
        operation.attachment = attachment;
        operation.set(link);
        return this;
    }

    private void append(Operation operation) {
        if (started) {
            throw new IllegalStateException("chain was started already");
        }
        if (operation.loop != loop) {
            throw new IllegalArgumentException("operation of another loop");
        }
        if (last != null && last.isElsewhere() != operation.isElsewhere()) {
            throw new IllegalArgumentException("operations made by different threads");
        }
        operation.joinChain();
        if (last == null) {
            first = operation;
        } else {
            last.next = operation;
            operation.set(Operation.BEHIND);
        }
        last = operation;
        size++;
    }

    /**
     * Adds the last operation and starts the chain.
     *
     * @param <A> what is attached
     * @param operation one of the same loop, not started, with a single result
     * @param handler gets the result
     * @param attachment is handed to it
     * @return the last operation's token
     * @throws IllegalArgumentException if the submission queue can't hold the chain
     * @throws RejectedExecutionException as {@link Operation#start(ResultHandler, Object)}
     */
    public <A extends @Nullable Object> long finish(
            Operation operation, ResultHandler<? super A> handler, A attachment) {
        add(operation, handler, attachment, 0);
        start();
        return tokens[tokens.length - 1];
    }

    /**
     * Adds the last operation and starts the chain.
     *
     * @param operation one of the same loop, not started, with a single result
     * @return its result; completed when it has ended, as {@link Operation#future}. To cancel it cancels all of the chain
     *     that hasn't ended, and takes effect when the last operation has ended
     * @throws IllegalArgumentException if the submission queue can't hold the chain
     * @throws RejectedExecutionException as {@link Operation#start(ResultHandler, Object)}
     */
    public CompletableFuture<Integer> finish(Operation operation) {
        append(operation);
        ChainFuture future = new ChainFuture(loop, operation.preparation.call());
        operation.attachTo(future);
        start();
        future.cancellation = new ChainCancellation(loop, tokens);
        return future;
    }

    /** Cancels more than the operation that completes it. */
    private static final class ChainFuture extends OperationFuture {
        private final EventLoop loop;
        private volatile @Nullable ChainCancellation cancellation;

        ChainFuture(EventLoop loop, String call) {
            super(loop, call);
            this.loop = loop;
        }

        @Override
        void cancelOperation() {
            ChainCancellation started = cancellation;
            if (started != null) {
                cancellation = null;
                loop.inbox().urge(started::run);
            }
        }
    }

    /**
     * The name of an operation of this chain, once the chain was started: by the thread that did, or any that got the chain
     * from it safely.
     *
     * @param index which one, in the order in which they were added, from 0
     * @return the token, by which {@link EventLoop#cancel} finds the operation while it runs
     * @throws IllegalStateException if the chain wasn't started
     * @throws IndexOutOfBoundsException if the chain has no such operation
     */
    public long token(int index) {
        if (!started) {
            throw new IllegalStateException("chain wasn't started: its operations have no tokens yet");
        }
        return tokens[Objects.checkIndex(index, size)];
    }

    private void start() {
        Operation head = Objects.requireNonNull(first);
        int entries = Submitter.entriesOf(head);
        if (entries > loop.submitter().capacity()) {
            throw new IllegalArgumentException("a chain of " + entries + " entries; the submission queue holds "
                    + loop.submitter().capacity());
        }
        started = true;
        tokens = new long[size];
        try {
            loop.startChain(head, tokens);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RejectedExecutionException("interrupted while waiting for room in the loop's queue", e);
        }
    }
}
