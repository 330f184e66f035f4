package io.uring4j.abi;

import java.io.IOException;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What is bound, as a list of symbols says, and what the generated classes make of it.
 *
 * @param symbols the list's file in native-headers
 * @param header the header that it is about
 * @param structs where the classes of structs lie
 * @param constants the class of constants and functions
 */
record Bindings(String symbols, String header, String structs, Class<?> constants) {
    static Bindings shared() {
        return new Bindings("symbols.txt", "uring4j.h", "io.uring4j.abi", Abi.class);
    }

    static Bindings of(String architecture) {
        String folder = "io.uring4j.abi." + architecture;
        try {
            return new Bindings("symbols-arch.txt", "uring4j-arch.h", folder, Class.forName(folder + ".Arch"));
        } catch (ClassNotFoundException e) {
            throw new AssertionError(e);
        }
    }

    /** The names that the list includes, of one sort: struct, constant or function. */
    List<String> listed(String sort) throws IOException {
        String prefix = "--include-" + sort + " ";
        return Files.readAllLines(CProgram.project().resolve("native-headers").resolve(symbols)).stream()
                .filter(line -> line.startsWith(prefix))
                .map(line -> line.substring(prefix.length()).strip())
                .toList();
    }

    /** The structs that the list names, as the generated classes see them. */
    Map<String, Struct> layouts() throws IOException {
        Map<String, Struct> layouts = new TreeMap<>();
        for (String name : listed("struct")) {
            Class<?> type = struct(name);
            layouts.put(name, new Struct(layoutOf(type).byteSize(), placesOf(type)));
        }
        return layouts;
    }

    /** The constants that the list names, with the values that the generated class gives them. */
    Map<String, Number> values() throws IOException {
        Map<String, Number> values = new TreeMap<>();
        for (String name : listed("constant")) {
            values.put(name, constant(name));
        }
        return values;
    }

    /** The class of a struct. */
    private Class<?> struct(String name) {
        try {
            return Class.forName(structs + "." + name);
        } catch (ClassNotFoundException e) {
            throw new AssertionError("struct " + name + " is listed in " + symbols + ", but not bound", e);
        }
    }

    private static MemoryLayout layoutOf(Class<?> struct) {
        return (MemoryLayout) call(struct, "layout");
    }

    /** The offset and size of each field that the class gives access to. */
    private static Map<String, Place> placesOf(Class<?> struct) {
        Map<String, Place> places = new TreeMap<>();
        for (Method method : struct.getDeclaredMethods()) {
            if (method.getName().endsWith("$offset")) {
                String field = method.getName().substring(0, method.getName().length() - "$offset".length());
                long offset = (long) call(struct, method.getName());
                places.put(field, new Place(offset, sizeOf(struct, field)));
            }
        }
        return places;
    }

    private static long sizeOf(Class<?> struct, String field) {
        try {
            return ((MemoryLayout) struct.getMethod(field + "$layout").invoke(null)).byteSize();
        } catch (NoSuchMethodException e) {
            // A field that is a struct has only a slice.
            try {
                MemorySegment whole = MemorySegment.ofArray(new byte[(int) layoutOf(struct).byteSize()]);
                return ((MemorySegment) struct.getMethod(field, MemorySegment.class).invoke(null, whole)).byteSize();
            } catch (ReflectiveOperationException inner) {
                throw new AssertionError(struct + "." + field, inner);
            }
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(struct + "." + field, e);
        }
    }

    /** The value of a constant: an Integer or a Long, of a pointer its address. */
    private Number constant(String name) {
        return switch (call(constants, name)) {
            case MemorySegment pointer -> pointer.address();
            case Number number -> number;
            case Object other -> throw new AssertionError(name + " is " + other);
        };
    }

    private static Object call(Class<?> type, String method) {
        try {
            return type.getMethod(method).invoke(null);
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(type.getSimpleName() + "." + method + " is not bound", e);
        }
    }

    /** A struct's size in bytes, and its fields by name. */
    record Struct(long size, Map<String, Place> fields) {}

    /** Where a field lies, in bytes. */
    record Place(long offset, long size) {}
}
