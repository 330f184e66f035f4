package io.uring4j.loop;

import java.lang.ref.SoftReference;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * Operations at rest beyond what a cache keeps at hand, in batches. They are held softly: the collector takes a batch
 * when memory is short, as the kernel's shrinker does, and the tokens that the batch has had remain to be freed.
 */
final class ReclaimableOperations {
    private final ArrayDeque<Batch> batches = new ArrayDeque<>();
    private int count;
    private long trimmed;

    private record Batch(SoftReference<Operation[]> operations, long[] tokens) {}

    void add(Operation[] operations) {
        long[] tokens = new long[operations.length];
        for (int i = 0; i < tokens.length; i++) {
            tokens[i] = operations[i].token;
        }
        batches.addLast(new Batch(new SoftReference<>(operations), tokens));
        count += tokens.length;
    }

    /** The last batch that the collector has left; the tokens of those that it took are passed on. */
    Operation @Nullable [] take(TokenSink taken) {
        while (!batches.isEmpty()) {
            Batch batch = batches.removeLast();
            count -= batch.tokens.length;
            Operation[] operations = batch.operations.get();
            if (operations != null) {
                return operations;
            }
            trimmed += batch.tokens.length;
            taken.accept(batch.tokens, batch.tokens.length);
        }
        return null;
    }

    /** Gives all up. */
    void trim(TokenSink taken) {
        while (!batches.isEmpty()) {
            Batch batch = batches.removeLast();
            trimmed += batch.tokens.length;
            taken.accept(batch.tokens, batch.tokens.length);
        }
        count = 0;
    }

    /** Looks for batches that the collector has taken. */
    void expunge(TokenSink taken) {
        batches.removeIf(batch -> {
            boolean gone = batch.operations.refersTo(null);
            if (gone) {
                count -= batch.tokens.length;
                trimmed += batch.tokens.length;
                taken.accept(batch.tokens, batch.tokens.length);
            }
            return gone;
        });
    }

    int count() {
        return count;
    }

    long trimmed() {
        return trimmed;
    }

    /** Gets tokens whose slots are free. */
    interface TokenSink {
        void accept(long[] tokens, int count);
    }
}
