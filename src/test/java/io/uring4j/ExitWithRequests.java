package io.uring4j;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;

/**
 * A program that ends with requests of many sorts in flight and the ring open. The first argument says how, the second
 * names the ring's flags, separated by commas.
 */
final class ExitWithRequests {
    /** As the exit status it tells that the program has come so far. */
    static final int STATUS = 42;

    private ExitWithRequests() {}

    public static void main(String[] arguments) throws IOException {
        Arena arena = Arena.global();
        RingConfig config = RingConfig.plain(16);
        for (String flag : arguments[1].split(",")) {
            config = flag.isEmpty() ? config : config.with(SetupFlag.valueOf(flag));
        }
        Ring ring = Ring.open(config);
        Pipe pipe = new Pipe();
        PeerSocket listener = PeerSocket.listening();
        MemorySegment buffer = arena.allocate(16);
        MemorySegment hour = Timespec.of(arena, Duration.ofHours(1));
        SubmissionQueue submissions = ring.submissions();
        submissions.next().read(pipe.readEnd(), buffer, 16, -1);
        submissions.next().read(pipe.readEnd(), buffer, 16, -1).async();
        submissions.next().pollAdd(pipe.readEnd(), PollEvents.IN);
        submissions.next().accept(listener.fd(), MemorySegment.NULL, MemorySegment.NULL, 0);
        submissions.next().timeout(hour, 0, 0);
        submissions.next().read(pipe.readEnd(), buffer, 16, -1).link();
        submissions.next().linkTimeout(hour, 0);
        submissions.next().nop().drain();
        ring.submit();
        switch (arguments[0]) {
            case "exit" -> System.exit(STATUS);
            case "halt" -> Runtime.getRuntime().halt(STATUS);
            // When no other thread is left, the JVM ends by itself, and runs this.
            default -> Runtime.getRuntime().addShutdownHook(new Thread(() -> Runtime.getRuntime().halt(STATUS)));
        }
    }
}
