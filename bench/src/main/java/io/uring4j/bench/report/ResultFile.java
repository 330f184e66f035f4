package io.uring4j.bench.report;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The file that programs read. */
public final class ResultFile {
    private static final Gson GSON =
            new GsonBuilder().setPrettyPrinting().disableHtmlEscaping().create();

    private ResultFile() {}

    public static void write(Path path, List<Entry> entries) throws IOException {
        Files.writeString(path, GSON.toJson(entries) + "\n");
    }
}
