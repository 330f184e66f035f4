package io.uring4j.tool;

import io.uring4j.UringException;

/**
 * Whether io_uring can be used here.
 *
 * @param usable whether it can
 * @param reason why not; empty when it can
 * @param advice what to do about it; empty when it can, or when nothing is known to help
 */
record Verdict(boolean usable, String reason, String advice) {
    static Verdict yes() {
        return new Verdict(true, "", "");
    }

    static Verdict no(String reason, String advice) {
        return new Verdict(false, reason, advice);
    }

    /** What a refusal says, without its advice. */
    static String reason(UringException refusal) {
        return new UringException(refusal.call(), refusal.errno()).getMessage();
    }

    /** The whole of it in one line. */
    String sentence() {
        if (usable) {
            return "io_uring can be used here";
        }
        return "io_uring can't be used here: " + reason + (advice.isEmpty() ? "" : ". " + advice);
    }
}
