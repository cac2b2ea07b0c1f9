package skep;

import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** An answer with a status and headers: `Answer.of(201, "made").with("X-A", "1")`. */
public final class Answer {
    final int status;
    final Object body;
    final Map<String, List<String>> headers = new LinkedHashMap<>();

    private Answer(int status, Object body) {
        if (status < 200 || status > 599) {
            throw new IllegalArgumentException("The handler answered with status " + status + "; it must be a number from 200 to 599.");
        }
        this.status = status;
        this.body = body;
    }

    /** The body is a String, a byte[], an InputStream that is sent as it comes, or null. */
    public static Answer of(int status, Object body) {
        return new Answer(status, body);
    }

    public static Answer json(String text) {
        return of(200, text).with("Content-Type", "application/json");
    }

    /** A name may come several times. */
    public Answer with(String name, String value) {
        headers.computeIfAbsent(name, one -> new ArrayList<>()).add(value);
        return this;
    }

    static Answer from(Object value) {
        return value instanceof Answer answer ? answer : of(200, value);
    }

    static Answer error(int status, String message) {
        String escaped = message.replace("\\", "\\\\").replace("\"", "\\\"").replaceAll("\\p{Cntrl}", " ");
        return of(status, "{\"error\":\"" + escaped + "\"}").with("Content-Type", "application/json");
    }

    boolean isStream() {
        return body instanceof InputStream;
    }

    String type() {
        if (body == null) return null;
        return body instanceof byte[] || isStream() ? "application/octet-stream" : "text/plain; charset=utf-8";
    }

    byte[] bytes() {
        if (body == null) return new byte[0];
        return body instanceof byte[] bytes ? bytes : String.valueOf(body).getBytes(StandardCharsets.UTF_8);
    }
}
