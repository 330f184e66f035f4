package io.uring4j.sys;

import java.lang.foreign.MemorySegment;

/** Whether the JVM lets this library call native code, see JEP 472. */
public final class NativeAccess {
    private NativeAccess() {}

    /** The option of the java command that enables it. */
    public static String flag() {
        Module module = NativeAccess.class.getModule();
        return "--enable-native-access=" + (module.isNamed() ? module.getName() : "ALL-UNNAMED");
    }

    /** Whether native calls get through: enabled, or tolerated with a warning, which enables them from then on. */
    @SuppressWarnings("restricted") // being restricted is the point: an empty segment, that nobody uses
    public static boolean isAllowed() {
        try {
            MemorySegment.NULL.reinterpret(0);
            return true;
        } catch (IllegalCallerException e) {
            return false;
        }
    }

    /**
     * Asked before the first generated class is touched: that would fail with an error that names no
     * remedy, and leave the classes unusable.
     */
    public static void require() {
        if (!isAllowed()) {
            throw new IllegalCallerException(
                    "the JVM denies uring4j native access: add " + flag() + " to the java command");
        }
    }
}
