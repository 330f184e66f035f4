package io.uring4j.buffer;

import io.uring4j.Needs;
import io.uring4j.Ring;
import io.uring4j.RingConfig;
import io.uring4j.SetupFlag;
import io.uring4j.UringException;

/** The ways to set a ring up that make a difference to provided buffers: who issues requests, and when. */
enum Setup {
    PLAIN,
    DEFERRED,
    SUBMISSION_THREAD,
    BEST;

    Ring open() throws UringException {
        return open(64);
    }

    Ring open(int entries) throws UringException {
        RingConfig plain = RingConfig.plain(entries);
        return Ring.open(
                switch (this) {
                    case PLAIN -> plain;
                    case DEFERRED -> {
                        Needs.kernelWith(SetupFlag.DEFER_TASKRUN);
                        yield plain.with(SetupFlag.SINGLE_ISSUER, SetupFlag.DEFER_TASKRUN);
                    }
                    case SUBMISSION_THREAD -> plain.submissionThread(5);
                    case BEST -> RingConfig.best(entries);
                });
    }
}
