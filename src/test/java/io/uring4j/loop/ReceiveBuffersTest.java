package io.uring4j.loop;

import static org.assertj.core.api.Assertions.assertThat;

import io.uring4j.buffer.BufferCache;
import io.uring4j.buffer.BufferGroup;
import io.uring4j.buffer.ProvidedBuffers;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A loop's buffers beside those that a program has opened with the loop's ring. */
@Timeout(60)
class ReceiveBuffersTest {
    /** Whether the loop uses buffer rings. */
    enum Means {
        NEW,
        OLD;

        EventLoop start() throws Exception {
            LoopConfig config = LoopConfig.standard();
            return EventLoop.start(this == NEW ? config : config.without(LoopFeature.BUFFER_RING));
        }
    }

    @ParameterizedTest
    @EnumSource(Means.class)
    void groupsHaveOtherIdsThanThoseOfTheProgram(Means means) throws Exception {
        BufferCache[] own = new BufferCache[1];
        Thread[] owner = new Thread[1];
        try (EventLoop loop = means.start()) {
            BufferGroup group = loop.withRing(ring -> {
                        owner[0] = Thread.currentThread();
                        own[0] = new BufferCache(BufferCache.Settings.of(64, 4));
                        return ProvidedBuffers.open(ring, 0, own[0], 4);
                    })
                    .get();
            ReceiveBuffers first = ReceiveBuffers.open(loop, BufferCache.Settings.of(64, 4), 4);
            ReceiveBuffers second = ReceiveBuffers.open(loop, BufferCache.Settings.of(64, 4), 4);
            assertThat(group.id()).isZero();
            assertThat(first.group().id()).isEqualTo(1);
            assertThat(second.group().id()).isEqualTo(2);
        }
        owner[0].join();
        own[0].close();
    }
}
