package io.uring4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** Registered credentials: a request has the rights of the moment at which they were registered. */
class PersonalityTest {
    private static final int NOBODY = 65_534;

    /** Changes the calling thread alone, and takes with the identity the rights of root over files. */
    private static final MethodHandle SETFSUID =
            Posix.function("setfsuid", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));

    @TempDir
    Path folder;

    @AutoClose
    private final Arena arena = Arena.ofShared();

    private MemorySegment secret;

    @BeforeEach
    void writeAFileThatOnlyRootCanRead() throws IOException {
        assumeTrue(System.getProperty("user.name").equals("root"), "only root can register somebody else's credentials");
        Path path = Files.writeString(folder.resolve("secret"), "content");
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
        secret = arena.allocateFrom(path.toString());
    }

    private static Personality ofNobody(Ring ring) throws IOException {
        actAs(NOBODY);
        try {
            return Personality.ofCurrentThread(ring);
        } finally {
            actAs(0);
        }
    }

    private static void actAs(int user) {
        try {
            int before = (int) SETFSUID.invokeExact(user);
            assertThat((int) SETFSUID.invokeExact(-1)).as("user after " + before).isEqualTo(user);
        } catch (Throwable t) {
            throw new AssertionError(t);
        }
    }

    private Sqe open(Ring ring) {
        return ring.submissions().next().openat(OpenFlags.CURRENT_DIRECTORY, secret, OpenFlags.READ_ONLY, 0);
    }

    @Covers(register = {RegisterOpcode.REGISTER_PERSONALITY, RegisterOpcode.UNREGISTER_PERSONALITY})
    @OverRingKinds
    void requestHasTheRightsOfItsPersonality(RingKind kind) throws IOException {
        try (Ring ring = kind.open(4)) {
            Personality root = Personality.ofCurrentThread(ring);
            Personality nobody = ofNobody(ring);
            assertThat(nobody.id()).isBetween(1, 65_535).isNotEqualTo(root.id());

            open(ring).personality(nobody.id());
            assertThat(Completion.submitAndTakeOne(ring).error()).isEqualTo(Errno.EACCES);
            open(ring).personality(nobody.id()).async();
            assertThat(Completion.submitAndTakeOne(ring).error()).as("on a worker").isEqualTo(Errno.EACCES);
            for (Sqe entry : new Sqe[] {open(ring), open(ring).personality(root.id())}) {
                assertThat(entry.opcode()).isEqualTo(Opcode.OPENAT.code());
            }
            for (Completion completion : Completion.submitAndTake(ring, 2)) {
                assertThat(Posix.close(completion.result())).isZero();
            }

            nobody.close();
            nobody.close();
            open(ring).personality(nobody.id());
            assertThat(Completion.submitAndTakeOne(ring).error()).as("no longer known").isEqualTo(Errno.EINVAL);
        }
    }

    @OverRingKinds
    void unknownPersonalityIsRefused(RingKind kind) throws IOException {
        try (Ring ring = kind.open(4)) {
            ring.submissions().next().nop().personality(4711);
            assertThat(Completion.submitAndTakeOne(ring).error()).isEqualTo(Errno.EINVAL);
            for (int id : new int[] {-1, 65_536}) {
                assertThatIllegalArgumentException().isThrownBy(() -> ring.submissions().next().nop().personality(id));
            }
            assertThat(ring.submissions().pending()).isZero();
        }
    }
}
