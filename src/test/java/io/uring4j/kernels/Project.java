package io.uring4j.kernels;

import java.nio.file.Path;

/** Where things are in this project. */
final class Project {
    /** Surefire says where the project is; an IDE starts tests in it. */
    static final Path ROOT = Path.of(System.getProperty("basedir", "")).toAbsolutePath();

    /** The scripts and the matrix. */
    static final Path KERNELS = ROOT.resolve("ci/kernels");

    /** Where the guests of this run leave what they wrote. */
    static final Path OUTPUT = ROOT.resolve("target/kernels");

    private Project() {}

    /** What {@code ci/kernels/build} made for guests of an architecture. */
    static Path built(String architecture) {
        return ROOT.resolve(".cache/kernels").resolve(architecture);
    }
}
