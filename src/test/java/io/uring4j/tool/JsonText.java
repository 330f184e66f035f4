package io.uring4j.tool;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads JSON, and refuses whatever RFC 8259 doesn't allow; numbers are integers. */
final class JsonText {
    private final String text;
    private int position;

    private JsonText(String text) {
        this.text = text;
    }

    @SuppressWarnings("unchecked")
    static Map<String, Object> object(String text) {
        JsonText json = new JsonText(text);
        Object value = json.value();
        json.skipSpace();
        if (json.position != text.length()) {
            throw json.error("text behind the value");
        }
        return (Map<String, Object>) value;
    }

    private Object value() {
        skipSpace();
        return switch (peek()) {
            case '{' -> members();
            case '[' -> elements();
            case '"' -> string();
            case 't' -> literal("true", true);
            case 'f' -> literal("false", false);
            case 'n' -> literal("null", null);
            default -> number();
        };
    }

    private Map<String, Object> members() {
        Map<String, Object> members = new LinkedHashMap<>();
        expect('{');
        skipSpace();
        while (peek() != '}') {
            String name = string();
            skipSpace();
            expect(':');
            if (members.containsKey(name)) {
                throw error(name + " is there twice");
            }
            members.put(name, value());
            separator('}');
        }
        expect('}');
        return members;
    }

    private List<Object> elements() {
        List<Object> elements = new ArrayList<>();
        expect('[');
        skipSpace();
        while (peek() != ']') {
            elements.add(value());
            separator(']');
        }
        expect(']');
        return elements;
    }

    /** A comma, and then more; or the end. */
    private void separator(char end) {
        skipSpace();
        if (peek() != end) {
            expect(',');
            skipSpace();
            if (peek() == end) {
                throw error("comma before " + end);
            }
        }
    }

    private String string() {
        StringBuilder string = new StringBuilder();
        expect('"');
        while (peek() != '"') {
            char c = text.charAt(position++);
            if (c < ' ') {
                throw error("control character");
            }
            string.append(c == '\\' ? escaped() : c);
        }
        expect('"');
        return string.toString();
    }

    private char escaped() {
        char c = text.charAt(position++);
        return switch (c) {
            case '"', '\\', '/' -> c;
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'u' -> {
                position += 4;
                yield (char) Integer.parseInt(text.substring(position - 4, position), 16);
            }
            default -> throw error("escape " + c);
        };
    }

    private Long number() {
        int start = position;
        while (position < text.length() && "-0123456789".indexOf(text.charAt(position)) >= 0) {
            position++;
        }
        String number = text.substring(start, position);
        if (!number.matches("-?(0|[1-9]\\d*)")) {
            throw error("number " + number);
        }
        return Long.valueOf(number);
    }

    private Object literal(String literal, Object value) {
        if (!text.startsWith(literal, position)) {
            throw error("not " + literal);
        }
        position += literal.length();
        return value;
    }

    private void expect(char c) {
        if (peek() != c) {
            throw error(peek() + " in place of " + c);
        }
        position++;
    }

    private char peek() {
        if (position >= text.length()) {
            throw error("the text ends early");
        }
        return text.charAt(position);
    }

    private void skipSpace() {
        while (position < text.length() && " \t\r\n".indexOf(text.charAt(position)) >= 0) {
            position++;
        }
    }

    private AssertionError error(String what) {
        return new AssertionError("not JSON at " + position + ": " + what);
    }
}
