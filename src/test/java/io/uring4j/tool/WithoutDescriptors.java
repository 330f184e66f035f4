package io.uring4j.tool;

import java.io.FileInputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.foreign.Linker;
import java.util.ArrayList;
import java.util.List;

/** Runs the doctor in a process that has used up all its descriptors. */
final class WithoutDescriptors {
    private WithoutDescriptors() {}

    public static void main(String[] arguments) {
        if (arguments.length > 0 && arguments[0].equals("libc-loaded")) {
            Linker.nativeLinker().defaultLookup().findOrThrow("close");
        }
        PrintStream out = System.out;
        PrintStream err = System.err;
        List<FileInputStream> hoard = new ArrayList<>();
        try {
            while (true) {
                hoard.add(new FileInputStream("/dev/null"));
            }
        } catch (IOException e) {
            // EMFILE: that's the point.
            System.exit(Main.run(out, err, "doctor", "--json"));
        }
    }
}
