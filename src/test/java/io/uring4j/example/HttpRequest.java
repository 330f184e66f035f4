package io.uring4j.example;

import java.net.URI;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What {@link HttpServer} makes of a request's head.
 *
 * @param refusal the status, and a line of its own for the answer if need be; empty if there is nothing to refuse
 * @param stays whether the connection stays open
 * @param withBody whether the file's content is wanted
 * @param file what is wanted, within the folder that is served
 */
record HttpRequest(String refusal, boolean stays, boolean withBody, Path file) {
    private static final Pattern REQUEST =
            Pattern.compile("(\\p{Upper}+) (?:http://[^/\\s]+)?(/[^?#\\s]*)\\S* HTTP/1\\.([01])(?=\r\n|$)");
    private static final Pattern HEADERS = Pattern.compile("(\r\n[!#$%&'*+.^_`|~\\w-]++:[^\r\n]*+)*+");

    /** Nobody reads the body of a request here: it would be taken for the next head. */
    private static final Pattern LAST =
            Pattern.compile("\r\n(connection:[^\r]*close|content-length:(?! *0*\r\n)|transfer-encoding:)");

    private static final Map<String, String> TYPES = Map.of(
            "html", "text/html", "css", "text/css", "js", "text/javascript", "json", "application/json",
            "txt", "text/plain", "md", "text/markdown", "svg", "image/svg+xml", "png", "image/png",
            "jpg", "image/jpeg");

    static HttpRequest parse(String head, Path folder) {
        Matcher request = REQUEST.matcher(head);
        if (!request.lookingAt()) {
            return refused("400 Bad Request", false);
        }
        String headers = head.substring(request.end()).toLowerCase(Locale.ROOT);
        boolean isNew = request.group(3).equals("1");
        if (!HEADERS.matcher(headers).matches() || isNew && !headers.contains("\r\nhost:")) {
            return refused("400 Bad Request", false);
        }
        boolean stays = isNew && !LAST.matcher(headers + "\r\n").find();
        boolean isGet = request.group(1).equals("GET");
        if (!isGet && !request.group(1).equals("HEAD")) {
            return refused("405 Method Not Allowed\r\nAllow: GET, HEAD", stays);
        }
        try {
            String name = URI.create("file://" + request.group(2)).getPath();
            Path file = folder.resolve(name.substring(1) + (name.endsWith("/") ? "index.html" : "")).normalize();
            return file.startsWith(folder)
                    ? new HttpRequest("", stays, isGet, file)
                    : refused("404 Not Found", stays);
        } catch (IllegalArgumentException e) {
            return refused("400 Bad Request", stays);
        }
    }

    private static HttpRequest refused(String status, boolean stays) {
        return new HttpRequest(status, stays, false, Path.of(""));
    }

    boolean isGood() {
        return refusal.isEmpty();
    }

    /** The content type, by the end of the file's name. */
    String type() {
        String name = file.toString();
        return TYPES.getOrDefault(name.substring(name.lastIndexOf('.') + 1), "application/octet-stream");
    }
}
