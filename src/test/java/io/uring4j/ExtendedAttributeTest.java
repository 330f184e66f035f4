package io.uring4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** Extended attributes, of paths and of open files. */
class ExtendedAttributeTest {
    @TempDir
    Path folder;

    @AutoClose
    private final Arena arena = Arena.ofShared();

    private Path file;
    private MemorySegment path;

    @BeforeEach
    void makeAFileThatCanHaveAttributes() throws IOException {
        Needs.kernelWith(Opcode.GETXATTR);
        file = Files.writeString(folder.resolve("file"), "");
        path = arena.allocateFrom(file.toString());
        try {
            write("probe", "x");
        } catch (FileSystemException e) {
            abort("the file system of the temporary folder has no extended attributes");
        }
    }

    private UserDefinedFileAttributeView attributes() {
        return Files.getFileAttributeView(file, UserDefinedFileAttributeView.class);
    }

    private void write(String name, String value) throws IOException {
        attributes().write(name, ByteBuffer.wrap(value.getBytes(StandardCharsets.UTF_8)));
    }

    private String read(String name) throws IOException {
        ByteBuffer value = ByteBuffer.allocate(attributes().size(name));
        attributes().read(name, value);
        return new String(value.array(), StandardCharsets.UTF_8);
    }

    private MemorySegment name(String name) {
        return arena.allocateFrom("user." + name);
    }

    @Covers(Opcode.SETXATTR)
    @OverRingKinds
    void attributeOfAPathIsSet(RingKind kind) throws IOException {
        try (Ring ring = kind.open(4)) {
            ring.submissions().next().setxattr(name("colour"), Text.in(arena, "greenish"), path, 0, 5);
            assertThat(Completion.submitAndTakeOne(ring).result()).isZero();
            assertThat(read("colour")).isEqualTo("green");

            MemorySegment blue = Text.in(arena, "blue");
            ring.submissions().next().setxattr(name("colour"), blue, path, PathFlags.XATTR_CREATE, 4);
            assertThat(Completion.submitAndTakeOne(ring).error()).isEqualTo(Errno.EEXIST);
            ring.submissions().next().setxattr(name("size"), blue, path, PathFlags.XATTR_REPLACE, 4);
            assertThat(Completion.submitAndTakeOne(ring).error()).isEqualTo(Errno.ENODATA);
        }
    }

    @Covers(Opcode.GETXATTR)
    @OverRingKinds
    void attributeOfAPathIsRead(RingKind kind) throws IOException {
        write("colour", "green");
        MemorySegment value = arena.allocate(16);
        try (Ring ring = kind.open(4)) {
            ring.submissions().next().getxattr(name("colour"), value, path, 16);
            assertThat(Completion.submitAndTakeOne(ring).result()).isEqualTo(5);
            assertThat(Text.of(value, 5)).isEqualTo("green");

            ring.submissions().next().getxattr(name("colour"), MemorySegment.NULL, path, 0);
            assertThat(Completion.submitAndTakeOne(ring).result()).as("length").isEqualTo(5);
            ring.submissions().next().getxattr(name("colour"), value, path, 4);
            assertThat(Completion.submitAndTakeOne(ring).error()).isEqualTo(Errno.ERANGE);
            ring.submissions().next().getxattr(name("none"), value, path, 16);
            assertThat(Completion.submitAndTakeOne(ring).error()).isEqualTo(Errno.ENODATA);
        }
    }

    @Covers(Opcode.FSETXATTR)
    @OverRingKinds
    void attributeOfAnOpenFileIsSet(RingKind kind) throws IOException {
        try (Ring ring = kind.open(4);
                OpenFile open = OpenFile.of(file)) {
            ring.submissions().next().fsetxattr(open.fd(), name("colour"), Text.in(arena, "red"), 0, 3);
            assertThat(Completion.submitAndTakeOne(ring).result()).isZero();
            assertThat(read("colour")).isEqualTo("red");

            MemorySegment blue = Text.in(arena, "blue");
            ring.submissions().next().fsetxattr(open.fd(), name("colour"), blue, PathFlags.XATTR_REPLACE, 4);
            assertThat(Completion.submitAndTakeOne(ring).result()).isZero();
            assertThat(read("colour")).isEqualTo("blue");
        }
    }

    @Covers(Opcode.FGETXATTR)
    @OverRingKinds
    void attributeOfAnOpenFileIsRead(RingKind kind) throws IOException {
        write("colour", "yellow");
        MemorySegment value = arena.allocate(16);
        try (Ring ring = kind.open(4);
                OpenFile open = OpenFile.of(file)) {
            ring.submissions().next().fgetxattr(open.fd(), name("colour"), value, 16);

            assertThat(Completion.submitAndTakeOne(ring).result()).isEqualTo(6);
            assertThat(Text.of(value, 6)).isEqualTo("yellow");
        }
    }
}
