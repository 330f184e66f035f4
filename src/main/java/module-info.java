/**
 * Linux io_uring for Java, through the Foreign Function and Memory API.
 *
 * <p>The library calls the kernel's system calls itself. A program that runs it as a named module says so with
 * {@code --enable-native-access=io.uring4j}; one that has it on the class path, with
 * {@code --enable-native-access=ALL-UNNAMED}.
 */
module io.uring4j {
    // Not transitive: a module that uses this one would then have to have JSpecify to be compiled.
    requires static org.jspecify;

    exports io.uring4j;
    exports io.uring4j.buffer;
    exports io.uring4j.file;
    exports io.uring4j.loop;
    exports io.uring4j.notify;
}
