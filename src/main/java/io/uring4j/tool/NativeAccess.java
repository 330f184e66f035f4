package io.uring4j.tool;

/**
 * Whether the JVM lets this library call native code, see JEP 472.
 *
 * @param state what the JVM says
 * @param flag the option of the java command that enables it
 */
record NativeAccess(State state, String flag) {
    enum State {
        /** By the option, or by the jar's manifest. */
        ENABLED("enabled"),

        /** Not enabled, and let through, by default with a warning; a later JDK will refuse. */
        TOLERATED("not enabled"),

        /** Not enabled, and refused. */
        DENIED("denied");

        private final String label;

        State(String label) {
            this.label = label;
        }

        String label() {
            return label;
        }
    }

    /** Must be asked before anything native runs: the JVM enables what it has once tolerated. */
    static NativeAccess current() {
        boolean enabled = NativeAccess.class.getModule().isNativeAccessEnabled();
        String flag = io.uring4j.sys.NativeAccess.flag();
        if (enabled) {
            return new NativeAccess(State.ENABLED, flag);
        }
        return new NativeAccess(io.uring4j.sys.NativeAccess.isAllowed() ? State.TOLERATED : State.DENIED, flag);
    }
}
