package io.uring4j.bench.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.infra.BenchmarkParams;

/** What all contenders of the row file-read do alike: which file, how opened, how many reads in flight. */
@State(Scope.Thread)
public class ReadTask {
    /** The name of the parameter that holds the file's path. */
    public static final String FILE = "file";

    /** The name of the parameter that says whether to bypass the page cache. */
    public static final String DIRECT = "direct";

    /** The name of the parameter that says how many reads are in flight. */
    public static final String DEPTH = "depth";

    @Param("")
    public String file;

    @Param("false")
    public boolean direct;

    @Param("1")
    public int depth;

    private long fileSize;
    private int readsPerInvocation;

    @Setup
    public void look(BenchmarkParams params) throws IOException {
        fileSize = Files.size(path());
        readsPerInvocation = params.getOpsPerInvocation();
    }

    Path path() {
        return Path.of(file);
    }

    /** How many reads one call of a benchmark method stands for. */
    int readsPerInvocation() {
        return readsPerInvocation;
    }

    RandomBlocks randomBlocks(int seed) {
        return new RandomBlocks(fileSize, seed);
    }

    Set<OpenOption> openOptions() {
        return direct
                ? Set.of(StandardOpenOption.READ, DirectOpen.OPTION)
                : Set.of(StandardOpenOption.READ);
    }

    /** A direct buffer of one block, aligned as O_DIRECT wants it. */
    static ByteBuffer allocateBlock() {
        return ByteBuffer.allocateDirect(2 * RandomBlocks.BLOCK)
                .alignedSlice(RandomBlocks.BLOCK)
                .slice(0, RandomBlocks.BLOCK);
    }

    static void requireBlock(int result) {
        if (result != RandomBlocks.BLOCK) {
            throw new IllegalStateException("a read of " + RandomBlocks.BLOCK + " bytes ended with " + result);
        }
    }
}
