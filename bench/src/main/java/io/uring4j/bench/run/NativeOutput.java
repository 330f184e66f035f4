package io.uring4j.bench.run;

/**
 * What a native program has printed: lines of the form name=number.
 *
 * @param text the lines
 */
record NativeOutput(String text) {
    double number(String name) {
        return text.lines()
                .filter(line -> line.startsWith(name + "="))
                .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("no " + name + " in: " + text));
    }
}
