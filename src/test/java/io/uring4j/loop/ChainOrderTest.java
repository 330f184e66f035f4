package io.uring4j.loop;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.mapping;
import static java.util.stream.Collectors.toList;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.uring4j.Errno;
import io.uring4j.Needs;
import io.uring4j.Opcode;
import io.uring4j.OpenFlags;
import io.uring4j.Rounds;
import io.uring4j.UringException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Whoever hears of the end of a chain's operation has heard of all before it, whatever these still wait for. */
@Timeout(60)
class ChainOrderTest {
    private static final int TRIALS = Rounds.of(1000);
    private static final int FEW_TRIALS = Rounds.of(100);
    private static final Duration LONG = Duration.ofHours(1);

    @AutoClose
    private final EventLoop loop = EventLoop.start(LoopConfig.standard()
            .submissionEntries(16)
            .without(LoopFeature.RING_MESSAGES));

    @AutoClose
    private final Pipes pipe = new Pipes();

    /** Of operations in the order in which their handlers were called. */
    private final List<String> told = Collections.synchronizedList(new ArrayList<>());

    private final ResultHandler<String> note = (result, flags, name) -> told.add(name + result);

    @TempDir
    private Path folder;

    ChainOrderTest() throws UringException {}

    @AfterEach
    void nothingIsLeft() throws Exception {
        Eventually.holds(() -> loop.stats().get().live() == 0);
        assertThat(loop.stats().get().staleCompletions()).isZero();
    }

    /** A time limit tells of its own end, and what comes next needn't wait for that. */
    @Test
    void limitsThatWerePassedByNobodyKeepTheOrder() throws Exception {
        int fd = loop.open(folder.resolve("file"), OpenFlags.CREATE | OpenFlags.READ_WRITE, 0600)
                .await();
        for (int i = 0; i < TRIALS; i++) {
            told.clear();
            CompletableFuture<Integer> last = new Chain(loop)
                    .then(loop.write(fd, Memory.of("abc"), 0), note, "write ")
                    .then(loop.sync(fd, 0).within(LONG), note, "sync ")
                    .then(loop.nop().within(LONG), note, "nop ")
                    .finish(loop.read(fd, Memory.room(3), 0));
            assertThat(last.get()).isEqualTo(3);
            assertThat(List.copyOf(told)).as("trial %d", i).containsExactly("write 3", "sync 0", "nop 0");
        }
        loop.close(fd).await();
    }

    @Test
    void limitsThatPassKeepTheOrder() throws Exception {
        for (int i = 0; i < FEW_TRIALS; i++) {
            told.clear();
            CompletableFuture<Integer> last = new Chain(loop)
                    .then(
                            loop.read(pipe.readEnd(), Memory.room(1), -1).within(Duration.ofNanos(i * 10_000L)),
                            note,
                            "read ")
                    .then(loop.nop(), note, "nop ")
                    .finish(loop.nop());
            assertThatThrownBy(last::get).isInstanceOf(CancellationException.class);
            assertThat(List.copyOf(told))
                    .as("trial %d", i)
                    .containsExactly("read " + -Errno.ETIME.number(), "nop " + -Errno.ECANCELED.number());
        }
    }

    /** That the memory is free again is told by a second completion, behind that of what comes next. */
    @Test
    void sendWithoutCopyComesBeforeWhatFollowsIt() throws Exception {
        Needs.kernelWith(Opcode.SEND_ZC);
        try (Echo echo = Echo.onLoopback(loop);
                LocalSocket client = LocalSocket.streamTo(echo.address())) {
            loop.connect(client.fd(), echo.address()).await();
            CompletableFuture<Integer> last = new Chain(loop)
                    .then(loop.sendZeroCopy(client.fd(), Memory.room(10_000), 10_000, 0), note, "send ")
                    .then(loop.nop(), note, "nop ")
                    .finish(loop.nop());
            assertThat(last.get()).isZero();
            assertThat(List.copyOf(told)).containsExactly("send 10000", "nop 0");
        }
    }

    /** What can't be prepared is known at once; what was prepared before it ends later. */
    @Test
    void refusalWaitsForItsTurn() throws Exception {
        CompletableFuture<Integer> last = new Chain(loop)
                .then(loop.read(pipe.readEnd(), Memory.room(1), -1), note, "read ")
                .then(loop.message(loop, 1, 2), note, "message ")
                .then(loop.nop(), note, "nop ")
                .finish(loop.nop());
        assertThat(loop.nop().await()).isZero();
        assertThat(List.copyOf(told)).isEmpty();
        assertThat(last).isNotDone();
        loop.write(pipe.writeEnd(), Memory.of("a"), -1).await();
        assertThatThrownBy(last::get).isInstanceOf(CancellationException.class);
        assertThat(List.copyOf(told))
                .containsExactly(
                        "read 1", "message " + -Errno.EOPNOTSUPP.number(), "nop " + -Errno.ECANCELED.number());
    }

    /** Those that wait for the first are told of one after the other, not one within the other. */
    @Test
    void longChainEndsAsFlatAsAShortOne() throws Exception {
        int length = 8000;
        try (EventLoop wide = EventLoop.start(LoopConfig.standard().submissionEntries(2 * length))) {
            Chain chain = new Chain(wide);
            chain.then(wide.read(pipe.readEnd(), Memory.room(1), -1).within(LONG), note, "read ");
            for (int i = 1; i < length; i++) {
                chain.then(wide.nop(), note, "nop ");
            }
            CompletableFuture<Integer> last = chain.finish(wide.nop());
            wide.nop().await();
            loop.write(pipe.writeEnd(), Memory.of("a"), -1).await();
            assertThat(last.get()).isZero();
            assertThat(List.copyOf(told)).hasSize(length).startsWith("read 1");
            assertThat(IntStream.range(1, length).mapToObj(told::get)).containsOnly("nop 0");
        }
    }

    /** The order holds as well when all of it is cancelled with the loop. */
    @Test
    void endOfTheLoopKeepsTheOrder() throws Exception {
        try (EventLoop ending = EventLoop.start(LoopConfig.standard())) {
            new Chain(ending)
                    .thenAnyway(ending.read(pipe.readEnd(), Memory.room(1), -1).within(LONG), note, "read ")
                    .then(ending.read(pipe.readEnd(), Memory.room(1), -1), note, "second ")
                    .finish(ending.nop(), note, "nop ");
        }
        assertThat(List.copyOf(told)).map(text -> text.split(" ")[0]).containsExactly("read", "second", "nop");
    }

    /** Some of these are in the queue of a loop that takes no more. */
    @Test
    void chainsThatComeWithTheEndOfTheLoopEndInOrder() throws Exception {
        for (int i = 0; i < FEW_TRIALS; i++) {
            told.clear();
            EventLoop ending = EventLoop.start(LoopConfig.standard());
            CompletableFuture<Integer> started = CompletableFuture.supplyAsync(() -> startUntilRefused(ending));
            Eventually.holds(() -> !told.isEmpty());
            assertThat(ending.shutdown(Duration.ZERO).get().isClean()).isTrue();
            assertThat(told).hasSize(3 * started.get());
            Map<String, List<String>> chains = List.copyOf(told).stream()
                    .map(text -> text.split(" "))
                    .collect(groupingBy(parts -> parts[0], mapping(parts -> parts[1], toList())));
            assertThat(chains.values()).allMatch(List.of("first", "second", "third")::equals);
        }
    }

    private int startUntilRefused(EventLoop ending) {
        int count = 0;
        try {
            while (true) {
                new Chain(ending)
                        .then(ending.nop(), note, count + " first ")
                        .then(ending.nop(), note, count + " second ")
                        .finish(ending.nop(), note, count + " third ");
                count++;
            }
        } catch (RejectedExecutionException e) {
            return count;
        }
    }
}
