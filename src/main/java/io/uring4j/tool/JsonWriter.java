package io.uring4j.tool;

import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Writes a tree of maps, lists, strings, integers, booleans and nulls as JSON (RFC 8259), in ASCII. An
 * element of an array stands on one line, all else on lines of its own.
 */
final class JsonWriter {
    private static final String INDENT = "  ";

    private final StringBuilder text = new StringBuilder();

    private JsonWriter() {}

    static String write(@Nullable Object tree) {
        JsonWriter writer = new JsonWriter();
        writer.value(tree, "\n");
        return writer.text.append('\n').toString();
    }

    /** The line break carries the indentation; an empty one keeps all on one line. */
    private void value(@Nullable Object value, String lineBreak) {
        switch (value) {
            case null -> text.append("null");
            case String string -> string(string);
            case Boolean truth -> text.append(truth);
            case Integer number -> text.append(number);
            case Long number -> text.append(number);
            case Map<?, ?> map -> object(map, lineBreak);
            case List<?> list -> array(list, lineBreak);
            default -> throw new IllegalArgumentException("no JSON for " + value.getClass());
        }
    }

    private void object(Map<?, ?> map, String lineBreak) {
        container('{', '}', map.entrySet(), lineBreak, member -> {
            string((String) member.getKey());
            text.append(": ");
            value(member.getValue(), inner(lineBreak));
        });
    }

    private void array(List<?> list, String lineBreak) {
        container('[', ']', list, lineBreak, element -> value(element, ""));
    }

    private <T> void container(char open, char close, Iterable<T> parts, String lineBreak, Consumer<T> write) {
        text.append(open);
        Iterator<T> rest = parts.iterator();
        if (rest.hasNext()) {
            text.append(inner(lineBreak));
            write.accept(rest.next());
            while (rest.hasNext()) {
                text.append(',').append(lineBreak.isEmpty() ? " " : inner(lineBreak));
                write.accept(rest.next());
            }
            text.append(lineBreak);
        }
        text.append(close);
    }

    private static String inner(String lineBreak) {
        return lineBreak.isEmpty() ? "" : lineBreak + INDENT;
    }

    private void string(String string) {
        text.append('"');
        for (int i = 0; i < string.length(); i++) {
            char c = string.charAt(i);
            switch (c) {
                case '"', '\\' -> text.append('\\').append(c);
                case '\n' -> text.append("\\n");
                case '\r' -> text.append("\\r");
                case '\t' -> text.append("\\t");
                default -> {
                    if (c < ' ' || c > '~') {
                        text.append("\\u").append(String.format("%04x", (int) c));
                    } else {
                        text.append(c);
                    }
                }
            }
        }
        text.append('"');
    }
}
