package io.uring4j.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicNode;

/** What must hold of a guest's benchmarks, however slow its processor is. */
final class MatrixBenchmarks {
    private final GuestResult guest;

    MatrixBenchmarks(GuestResult guest) {
        this.guest = guest;
    }

    Stream<DynamicNode> tests() {
        return Stream.of(
                dynamicTest("each of them ran", this::eachRan),
                dynamicTest("registration of an eventfd does not wait for what is in flight", this::registrationIsQuick));
    }

    private void eachRan() {
        assertThat(guest.benchmarks())
                .as("results; " + guest.log())
                .containsKeys("nop|best", "pbuf-table|legacy 1", "eventfd|unregister with timers max");
        assertThat(guest.benchmarks().containsKey("pbuf-table|ring 1"))
                .as("buffer rings are measured where they are there")
                .isEqualTo(guest.has("REGISTER_PBUF_RING"));
    }

    /** The timers take 5 ms. A busy machine may hold some of the calls up, but not half of them. */
    private void registrationIsQuick() {
        assumeTrue(guest.has("REGISTER_RING_FDS"), "before Linux 5.18 it waits");
        double limitMicros = EventFdTimes.PERIOD.toNanos() / 1000.0 / 2;
        assertThat(guest.benchmarks().get("eventfd|register with timers p50")).isLessThan(limitMicros);
        assertThat(guest.benchmarks().get("eventfd|unregister with timers p50")).isLessThan(limitMicros);
    }
}
