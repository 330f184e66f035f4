package io.uring4j.bench.row;

import java.util.List;

/** All rows, in the order in which they are run. */
public final class Rows {
    public static final List<Row> ALL = List.of(
            new NopRow(),
            new LoopNopRow(),
            new RequestCacheRow(),
            new FileReadRow(),
            new ProvidedBufferRow(),
            new BufferCacheRow(),
            new EventFdRow(),
            new EchoRow(),
            new VirtualThreadRow());

    private Rows() {}
}
