package io.uring4j;

import static org.assertj.core.api.Assertions.assertThat;

import io.uring4j.file.RegisteredFiles;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;

/** Many connections from one entry. */
class AcceptMultishotTest {
    private static final long ACCEPT = 11;
    private static final long CANCEL = 12;

    @AutoClose
    private final Arena arena = Arena.ofShared();

    @AutoClose
    private final PeerSocket listener = PeerSocket.listening();

    private final List<PeerSocket> opened = new ArrayList<>();

    @BeforeEach
    void kernelHasIt() {
        Needs.kernelWith(Modifier.ACCEPT_MULTISHOT);
    }

    @AfterEach
    void closeAll() {
        opened.forEach(PeerSocket::close);
    }

    private PeerSocket connect() {
        PeerSocket client = listener.connectTo();
        opened.add(client);
        return client;
    }

    private PeerSocket accepted(int fd) {
        PeerSocket server = PeerSocket.of(fd);
        opened.add(server);
        return server;
    }

    @OverRingKinds
    @Covers({Opcode.ACCEPT, Opcode.ASYNC_CANCEL})
    void manyConnectionsComeFromOneEntry(RingKind kind) throws IOException {
        try (Ring ring = kind.open(8)) {
            ring.submissions().next().acceptMultishot(listener.fd(), Sockets.SOCK_CLOEXEC).userData(ACCEPT);
            ring.submit();
            for (int i = 0; i < 20; i++) {
                PeerSocket client = connect();
                Completion completion = Completion.takeOne(ring);
                assertThat(completion.userData()).isEqualTo(ACCEPT);
                assertThat(Cqe.hasMore(completion.flags())).isTrue();
                accepted(completion.result()).send("number " + i);
                assertThat(client.receiveSome()).isEqualTo("number " + i);
            }

            ring.submissions().next().cancel(ACCEPT, 0).userData(CANCEL);
            assertThat(Completion.submitAndTake(ring, 2))
                    .containsExactlyInAnyOrder(
                            new Completion(CANCEL, 0, 0),
                            new Completion(ACCEPT, -Errno.ECANCELED.number(), 0));
        }
    }

    @OverRingKinds
    @Covers(Opcode.ACCEPT)
    void connectionsThatWaitedComeAtOnce(RingKind kind) throws IOException {
        try (Ring ring = kind.open(8)) {
            for (int i = 0; i < 10; i++) {
                connect();
            }
            ring.submissions().next().acceptMultishot(listener.fd(), 0).userData(ACCEPT);
            Set<Integer> descriptors = new HashSet<>();
            for (Completion completion : Completion.submitAndTake(ring, 10)) {
                assertThat(Cqe.hasMore(completion.flags())).isTrue();
                descriptors.add(accepted(completion.result()).fd());
            }
            assertThat(descriptors).hasSize(10);
        }
    }

    @OverRingKinds
    @Covers(Opcode.ACCEPT)
    void connectionsBecomeDirectDescriptorsUntilNoSlotIsLeft(RingKind kind) throws IOException {
        try (Ring ring = kind.open(8);
                RegisteredFiles files = RegisteredFiles.registerEmpty(ring, 3)) {
            ring.submissions().next().acceptMultishotDirect(listener.fd(), 0).userData(ACCEPT);
            ring.submit();
            Set<Integer> slots = new HashSet<>();
            for (int i = 0; i < files.capacity(); i++) {
                PeerSocket client = connect();
                Completion completion = Completion.takeOne(ring);
                assertThat(Cqe.hasMore(completion.flags())).isTrue();
                slots.add(completion.result());
                ring.submissions().next().send(completion.result(), Text.in(arena, "slot"), 4, 0).fixedFile();
                assertThat(Completion.submitAndTakeOne(ring).result()).isEqualTo(4);
                assertThat(client.receive(4)).isEqualTo("slot");
            }
            assertThat(slots).containsExactlyInAnyOrder(0, 1, 2);

            connect();
            assertThat(Completion.takeOne(ring)).isEqualTo(new Completion(ACCEPT, -Errno.ENFILE.number(), 0));
        }
    }

    @OverRingKinds
    @Covers(Opcode.ACCEPT)
    void shutdownOfTheListenerEndsIt(RingKind kind) throws IOException {
        try (Ring ring = kind.open(8)) {
            ring.submissions().next().acceptMultishot(listener.fd(), 0).userData(ACCEPT);
            ring.submit();
            connect();
            accepted(Completion.takeOne(ring).result());
            ring.submissions().next().shutdown(listener.fd(), Sockets.SHUT_RDWR).userData(CANCEL);
            assertThat(Completion.submitAndTake(ring, 2))
                    .containsExactlyInAnyOrder(
                            new Completion(CANCEL, 0, 0), new Completion(ACCEPT, -Errno.EINVAL.number(), 0));
        }
    }

    @OverRingKinds
    @Covers(Opcode.ACCEPT)
    void noConnectionIsLostWhenTheCompletionQueueIsFull(RingKind kind) throws IOException {
        try (Ring ring = Ring.open(kind.config(2).completionEntries(2))) {
            ring.submissions().next().acceptMultishot(listener.fd(), 0).userData(ACCEPT);
            ring.submit();
            for (int i = 0; i < 20; i++) {
                connect();
            }
            Set<Integer> descriptors = new HashSet<>();
            while (descriptors.size() < 20) {
                Completion completion = Completion.takeOne(ring);
                descriptors.add(accepted(completion.result()).fd());
                if (!Cqe.hasMore(completion.flags())) {
                    // The kernel gives up a multishot whose completions don't fit.
                    ring.submissions().next().acceptMultishot(listener.fd(), 0).userData(ACCEPT);
                    ring.submit();
                }
            }
            assertThat(ring.completions().lost()).isZero();
        }
    }
}
