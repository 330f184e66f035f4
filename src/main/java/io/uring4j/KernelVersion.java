package io.uring4j;

/**
 * A release series of Linux, such as 5.19: where a feature first appeared. Features are asked for,
 * never concluded from a version; a version is for people.
 *
 * @param major the first number
 * @param minor the second number
 */
public record KernelVersion(int major, int minor) implements Comparable<KernelVersion> {
    static KernelVersion of(String text) {
        int dot = text.indexOf('.');
        return new KernelVersion(Integer.parseInt(text.substring(0, dot)), Integer.parseInt(text.substring(dot + 1)));
    }

    @Override
    public int compareTo(KernelVersion other) {
        return major != other.major ? Integer.compare(major, other.major) : Integer.compare(minor, other.minor);
    }

    @Override
    public String toString() {
        return major + "." + minor;
    }
}
