package skep;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.io.InputStream;

/** Writes one answer. */
final class Reply {
    private final HttpExchange exchange;
    private final long started = System.nanoTime();

    Reply(HttpExchange exchange) {
        this.exchange = exchange;
    }

    void send(Answer answer) throws IOException {
        var headers = exchange.getResponseHeaders();
        if (answer.type() != null && answer.status != 204 && answer.status != 304) headers.set("Content-Type", answer.type());
        answer.headers.forEach(headers::put);
        headers.set("X-Duration-Seconds", seconds(System.nanoTime() - started));
        if (answer.isStream()) stream(answer.status, (InputStream) answer.body);
        else whole(answer.status, answer.bytes());
    }

    /** `0.000123`; String.format takes longer than all the rest of an answer. */
    private static String seconds(long nanos) {
        String micros = Long.toString(1_000_000 + nanos / 1000 % 1_000_000); // 1 before the zeros that lead
        return nanos / 1_000_000_000 + "." + micros.substring(1);
    }

    private void whole(int status, byte[] bytes) throws IOException {
        boolean isHead = exchange.getRequestMethod().equals("HEAD");
        if (isHead) exchange.getResponseHeaders().set("Content-Length", Integer.toString(bytes.length));
        boolean hasNone = isHead || bytes.length == 0 || status == 204 || status == 304;
        exchange.sendResponseHeaders(status, hasNone ? -1 : bytes.length);
        if (!hasNone) exchange.getResponseBody().write(bytes);
    }

    private void stream(int status, InputStream parts) throws IOException {
        try (parts) {
            boolean isHead = exchange.getRequestMethod().equals("HEAD");
            exchange.sendResponseHeaders(status, isHead ? -1 : 0);
            if (isHead) return;
            var out = exchange.getResponseBody();
            out.flush();
            byte[] part = new byte[65536];
            for (int count; (count = parts.read(part)) >= 0; ) {
                out.write(part, 0, count);
                out.flush();
            }
        }
    }
}
