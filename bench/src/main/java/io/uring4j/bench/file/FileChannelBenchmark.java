package io.uring4j.bench.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** The same reads through a FileChannel, one after the other: it has no more in flight, whatever the depth. */
@State(Scope.Thread)
public class FileChannelBenchmark {
    private FileChannel channel;
    private RandomBlocks blocks;
    private ByteBuffer buffer;

    @Setup
    public void open(ReadTask task) throws IOException {
        channel = FileChannel.open(task.path(), task.openOptions());
        blocks = task.randomBlocks(0);
        buffer = ReadTask.allocateBlock();
    }

    @TearDown
    public void close() throws IOException {
        channel.close();
    }

    @Benchmark
    public ByteBuffer read(ReadTask task) throws IOException {
        for (int i = task.readsPerInvocation(); i > 0; i--) {
            buffer.clear();
            ReadTask.requireBlock(channel.read(buffer, blocks.nextOffset()));
        }
        return buffer;
    }
}
