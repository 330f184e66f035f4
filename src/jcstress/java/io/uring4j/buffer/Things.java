package io.uring4j.buffer;

/** A recycler that counts what comes back, and what it hands out. */
class Things extends Recycler<Things.Thing> {
    final Starvation starvation = new Starvation();

    static final class Thing extends Recyclable {
        /** Written by who has it, without synchronisation. */
        int content;

        int returns;

        Thing() {
            takeOut();
        }
    }

    int returns;

    Things() {
        super(Thread.currentThread());
    }

    @Override
    void returned(Thing thing) {
        thing.returns++;
        returns++;
    }

    @Override
    void releasedElsewhere() {
        starvation.released();
    }

    /** Releases on the owner's thread; 1 if it is refused. */
    int here(Thing thing) {
        try {
            releaseHere(thing);
            return 0;
        } catch (IllegalStateException e) {
            return 1;
        }
    }

    /** Releases on another thread; 1 if it is refused. */
    int elsewhere(Thing thing) {
        try {
            releaseElsewhere(thing);
            return 0;
        } catch (IllegalStateException e) {
            return 1;
        }
    }
}
