package io.uring4j.buffer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A lease goes out again late, whatever else is out, and there are not many more than that needs. */
class LeasePoolTest {
    @AutoClose
    private final BufferCache cache = new BufferCache(BufferCache.Settings.of(64, 1));

    private final LeasePool pool = new LeasePool(cache);
    private final Set<BufferLease> out = Collections.newSetFromMap(new IdentityHashMap<>());
    private final Map<BufferLease, Integer> returned = new IdentityHashMap<>();
    private final Set<BufferLease> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    private int takes;

    private BufferLease take() {
        BufferLease lease = pool.take();
        assertThat(out.add(lease)).as("not out already").isTrue();
        Integer since = returned.get(lease);
        if (since != null) {
            assertThat(takes - since).as("takes since it came back").isGreaterThanOrEqualTo(LeasePool.RESTING);
        }
        seen.add(lease);
        takes++;
        return lease;
    }

    private void putBack(BufferLease lease) {
        out.remove(lease);
        returned.put(lease, takes);
        Recycler.retire(lease);
        pool.putBack(lease);
    }

    @ParameterizedTest
    @CsvSource({"0, 1", "0, 32", "1, 1", "200, 1", "200, 100", "5000, 7"})
    void leasesRestWhileOthersAreHeldForLong(int held, int batch) {
        for (int i = 0; i < held; i++) {
            take();
        }
        for (int round = 0; round < 20_000 / batch; round++) {
            List<BufferLease> leases = new ArrayList<>();
            for (int i = 0; i < batch; i++) {
                leases.add(take());
            }
            leases.forEach(this::putBack);
        }
        assertThat(seen.size()).isLessThanOrEqualTo(4 * (held + batch + LeasePool.RESTING));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void leasesRestInAnyOrderOfRelease(long seed) {
        Random random = new Random(seed);
        List<BufferLease> leases = new ArrayList<>();
        for (int step = 0; step < 100_000; step++) {
            if (leases.isEmpty() || leases.size() < 300 && random.nextBoolean()) {
                leases.add(take());
            } else {
                int last = leases.size() - 1;
                Collections.swap(leases, random.nextInt(leases.size()), last);
                putBack(leases.remove(last));
            }
        }
        assertThat(seen.size()).isLessThanOrEqualTo(4 * (300 + LeasePool.RESTING));
    }

    @Test
    void leaseThatStandsInTheCompListByMistakeIsPassedOver() {
        ArrayDeque<BufferLease> claimed = new ArrayDeque<>();
        for (int i = 0; i < 2 * LeasePool.RESTING; i++) {
            BufferLease lease = take();
            putBack(lease);
            lease.claimForComp();
            claimed.add(lease);
        }
        for (int i = 0; i < 1000; i++) {
            BufferLease lease = take();
            assertThat(claimed).doesNotContain(lease);
            putBack(lease);
        }
    }
}
