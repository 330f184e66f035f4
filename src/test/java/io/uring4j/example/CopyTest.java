package io.uring4j.example;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CopyTest {
    @TempDir
    private Path folder;

    private Path file(int length) throws IOException {
        byte[] content = new byte[length];
        new Random(length).nextBytes(content);
        return Files.write(folder.resolve("from"), content);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 131_071, 131_072, 131_073, 2_097_152, 5_000_003})
    void copyIsTheSame(int length) throws Exception {
        Path from = file(length);
        Path to = folder.resolve("to");
        Files.write(to, new byte[6_000_000]);
        Copy.copy(from, to);
        assertThat(to).hasSameBinaryContentAs(from);
    }

    @Test
    void permissionsComeAlong() throws Exception {
        Path from = file(10);
        Files.setPosixFilePermissions(from, PosixFilePermissions.fromString("rwxr-----"));
        Copy.copy(from, folder.resolve("to"));
        assertThat(Files.getPosixFilePermissions(folder.resolve("to")))
                .isEqualTo(PosixFilePermissions.fromString("rwxr-----"));
    }

    @Test
    void folderGetsAFileOfTheSameName() throws Exception {
        Path from = file(100);
        Path into = Files.createDirectory(folder.resolve("into"));
        Copy.copy(from, into);
        assertThat(into.resolve("from")).hasSameBinaryContentAs(from);
    }

    @Test
    void fileIsNotCopiedOntoItself() throws Exception {
        Path from = file(100);
        byte[] content = Files.readAllBytes(from);
        Path link = Files.createSymbolicLink(folder.resolve("link"), from);
        assertThatThrownBy(() -> Copy.copy(from, link)).hasMessageContaining("same file");
        assertThat(from).hasBinaryContent(content);
    }

    @Test
    void whatCannotBeReadOrWrittenIsToldWithItsReason() throws Exception {
        Path from = file(1_000_000);
        assertThatThrownBy(() -> Copy.copy(folder.resolve("missing"), folder.resolve("to")))
                .hasMessageContaining("ENOENT");
        assertThatThrownBy(() -> Copy.copy(folder, folder.resolve("to"))).hasMessageContaining("not a regular file");
        assertThatThrownBy(() -> Copy.copy(from, Path.of("/dev/full"))).hasMessageContaining("ENOSPC");
    }
}
