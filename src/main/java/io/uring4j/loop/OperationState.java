package io.uring4j.loop;

import org.jspecify.annotations.Nullable;

/**
 * What is looked at in every operation each time it is used: who it belongs to, how it stands, who is told of its end. The
 * fields of a superclass come first in memory, so that these lie side by side, in one cache line or two. What only some
 * operations have comes behind, in {@link Operation}.
 */
abstract sealed class OperationState permits Operation {
    /** Has a time limit, of which a second completion tells. */
    static final int TIMED = 1;

    /** Goes on until all bytes are transferred. */
    static final int FULLY = 1 << 1;

    /** Ends with a notification, after a first completion with the result. */
    static final int ZERO_COPY = 1 << 2;

    /** May have several results. */
    static final int MULTISHOT = 1 << 3;

    /** A timer, whose end is a success. */
    static final int TIMER = 1 << 4;

    /** A thread waits for it. */
    static final int AWAITED = 1 << 5;

    /** Is part of a chain. */
    static final int CHAINED = 1 << 6;

    /** May be asked for all its bytes. */
    static final int TRANSFER = 1 << 7;

    /** A modifier: the descriptor is a slot of the registered files. */
    static final int DIRECT = 1 << 8;

    /** A modifier: goes to a worker thread at once. */
    static final int ASYNC = 1 << 9;

    /** A modifier: the next of the chain starts when this has succeeded. */
    static final int LINK = 1 << 10;

    /** A modifier: the next of the chain starts when this has ended. */
    static final int HARD_LINK = 1 << 11;

    /** Refers to memory or other things that it keeps until its end. */
    static final int HOLDS = 1 << 12;

    /** Is to be cancelled, so it isn't continued by itself. */
    static final int CANCEL_REQUESTED = 1 << 13;

    /** Was made and not started. */
    static final int MADE = 1 << 14;

    /** Was started and hasn't ended. */
    static final int STARTED = 1 << 15;

    /** A kind: made on another thread than the loop's. */
    static final int ELSEWHERE = 1 << 16;

    /** Waits with its end for those before it in its chain: their completions may come later than its own. */
    static final int BEHIND = 1 << 17;

    /** Bits that make an entry more than what the preparation fills in. */
    static final int MODIFIERS = DIRECT | ASYNC | LINK | HARD_LINK;

    /** Bits that make a start more than an entry. */
    static final int SPECIAL_START = HOLDS | ELSEWHERE;

    /** Bits that make a completion more than a call of the handler. */
    static final int SPECIAL = TIMED | FULLY | ZERO_COPY | MULTISHOT | TIMER | AWAITED | CHAINED;

    /** Bits that make an end more than a call of the handler. */
    static final int SPECIAL_END = SPECIAL | HOLDS | ELSEWHERE;

    private static final int RESTING = 0;

    private static final ResultHandler<Object> NOBODY = (result, flags, attachment) -> {};

    final EventLoop loop;

    /** {@link #ELSEWHERE} or nothing. */
    final int kind;

    /** All that is to be known of it as bits in one word, so that the usual case takes one look. */
    int status;

    long token;
    Preparation preparation = Preparation.NOP;

    /** Never null, so that a start finds one that is without asking for it. */
    ResultHandler<Object> handler = NOBODY;

    @Nullable Object attachment;

    OperationState(EventLoop loop, int kind) {
        this.loop = loop;
        this.kind = kind;
    }

    /** Whether all of some bits, of {@link #STARTED} and the like, are set. */
    final boolean is(int bits) {
        return (status & bits) == bits;
    }

    final void set(int bits) {
        status |= bits;
    }

    final boolean isElsewhere() {
        return (kind & ELSEWHERE) != 0;
    }

    final void started() {
        status = status & ~MADE | STARTED;
    }

    /** Has ended, or won't be started. */
    final void rest() {
        status = RESTING;
    }

    /** Lets go of what a recycled object would else keep from the collector. */
    final void forgetHandler() {
        handler = NOBODY;
        attachment = null;
    }
}
