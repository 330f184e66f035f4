package io.uring4j.buffer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Each order in which two releases can meet, played through on one thread; jcstress lets real threads race. */
class RecyclerTest {
    private static final class Thing extends Recyclable {
        @Override
        public String toString() {
            return "thing";
        }
    }

    private static final class Things extends Recycler<Thing> {
        private final List<Thing> back = new ArrayList<>();
        private int releasedElsewhere;

        Things() {
            super(Thread.currentThread());
        }

        @Override
        void returned(Thing thing) {
            back.add(thing);
        }

        @Override
        void releasedElsewhere() {
            releasedElsewhere++;
        }
    }

    private final Things things = new Things();

    private static Thing takenOut() {
        Thing thing = new Thing();
        assertThat(thing.takeOut()).isTrue();
        return thing;
    }

    private void assertRefused(Runnable release) {
        assertThatIllegalStateException().isThrownBy(release::run).withMessage("thing has been released already");
    }

    @Test
    void whatIsOutIsNotTakenOutAgain() {
        assertThat(takenOut().takeOut()).isFalse();
    }

    @Test
    void releaseOnTheOwnersThreadIsBackAtOnce() {
        Thing thing = takenOut();
        things.release(thing);
        assertThat(things.back).containsExactly(thing);
        assertThat(things.releasedElsewhere).isZero();
        assertThat(thing.takeOut()).isTrue();
    }

    @Test
    void releasesElsewhereAreBackAfterTheSpliceAllTogether() throws InterruptedException {
        List<Thing> all = List.of(takenOut(), takenOut(), takenOut());
        Thread.ofPlatform().start(() -> all.forEach(things::release)).join();
        assertThat(things.releasedElsewhere).isEqualTo(3);
        assertThat(things.back).isEmpty();
        things.splice();
        assertThat(things.back).containsExactlyInAnyOrderElementsOf(all);
        assertThat(things.splices()).isEqualTo(1);
        things.splice();
        assertThat(things.splices()).as("empty lists don't count").isEqualTo(1);
        assertThat(things.doubleReleases()).isZero();
    }

    @Test
    void secondReleaseIsRefusedWhoeverComesFirst() {
        Thing here = takenOut();
        things.releaseHere(here);
        assertRefused(() -> things.releaseHere(here));
        assertRefused(() -> things.releaseElsewhere(here));

        Thing elsewhere = takenOut();
        things.releaseElsewhere(elsewhere);
        assertRefused(() -> things.releaseElsewhere(elsewhere));
        assertRefused(() -> things.releaseHere(elsewhere));
        things.splice();
        assertRefused(() -> things.releaseElsewhere(elsewhere));
        assertRefused(() -> things.releaseHere(elsewhere));
        assertThat(things.back).containsExactly(here, elsewhere);
    }

    /** The owner has looked; before it goes on, another thread releases too. */
    @Test
    void releaseThatOvertakesTheOwnersIsFoundAndDropped() {
        Thing thing = takenOut();
        things.releaseElsewhere(thing);
        thing.rest();
        things.returned(thing);

        assertThat(thing.takeOut()).as("not handed out while it stands in the comp list").isFalse();
        things.splice();
        assertThat(things.back).containsExactly(thing);
        assertThat(things.doubleReleases()).isEqualTo(1);
        assertThat(thing.takeOut()).isTrue();
    }
}
