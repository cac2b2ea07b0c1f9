package skep;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;

/** Serves one handler, a thread a request. It listens while the handler loads, so that `/_/ready` can say why not. */
final class Server {
    private static final byte[] NOTHING = {};
    private final int maxInFlight;
    private final int maxBodyBytes;
    private final CountDownLatch loadEnded = new CountDownLatch(1);
    private HttpServer listener;
    private volatile Loader.Call handler;
    private volatile String notReady = "loading";
    private volatile boolean draining;
    private int inFlight;

    Server(int maxInFlight, int maxBodyBytes) {
        this.maxInFlight = maxInFlight;
        this.maxBodyBytes = maxBodyBytes;
    }

    void listen(String host, int port) throws IOException {
        boolean isAnywhere = host == null || host.isEmpty();
        listener = HttpServer.create(isAnywhere ? new InetSocketAddress(port) : new InetSocketAddress(host, port), 1024);
        listener.setExecutor(Executors.newCachedThreadPool());
        listener.createContext("/", this::route);
        listener.start();
    }

    void loaded(Loader.Call handler) {
        this.handler = handler;
        notReady = null;
        loadEnded.countDown();
    }

    void notLoaded(String reason) {
        notReady = "cannot load: " + reason;
        loadEnded.countDown();
    }

    /** Accepts no more connections and returns when all that is in flight has been answered. */
    void drain() {
        draining = true;
        Thread closing = new Thread(() -> listener.stop(Integer.MAX_VALUE / 1000)); // it may wait longer than there is need
        closing.setDaemon(true);
        closing.start();
        synchronized (this) {
            try {
                while (inFlight > 0) wait();
            } catch (InterruptedException ended) {
                return;
            }
        }
    }

    private void route(HttpExchange exchange) throws IOException {
        Reply reply = new Reply(exchange);
        try {
            switch (exchange.getRequestURI().getRawPath()) {
                case "/_/health" -> reply.send(Answer.of(200, "OK"));
                case "/_/ready" -> reply.send(readiness());
                default -> count(exchange, reply);
            }
        } finally {
            exchange.close();
        }
    }

    private synchronized Answer readiness() {
        if (draining) return Answer.of(503, "stopping");
        if (notReady != null) return Answer.of(503, notReady);
        return isFull() ? Answer.of(429, "busy") : Answer.of(200, "OK");
    }

    private void count(HttpExchange exchange, Reply reply) throws IOException {
        synchronized (this) {
            if (isFull()) {
                reply.send(Answer.error(429, "This replica already serves " + maxInFlight + " requests.").with("Retry-After", "1"));
                return;
            }
            inFlight++;
        }
        try {
            serve(exchange, reply);
        } finally {
            exchange.close(); // the last byte is out before the request counts as done
            synchronized (this) {
                inFlight--;
                if (draining) notifyAll();
            }
        }
    }

    private boolean isFull() {
        return maxInFlight > 0 && inFlight >= maxInFlight;
    }

    private void serve(HttpExchange exchange, Reply reply) throws IOException {
        try {
            loadEnded.await(); // for callers who did not ask /_/ready
        } catch (InterruptedException ended) {
            return;
        }
        if (handler == null) {
            reply.send(Answer.error(503, notReady));
            return;
        }
        byte[] body = bodyOf(exchange);
        if (maxBodyBytes > 0 && body.length > maxBodyBytes) {
            reply.send(Answer.error(413, "The body is larger than " + maxBodyBytes + " bytes.").with("Connection", "close"));
            return;
        }
        var uri = exchange.getRequestURI();
        var event = new Event(exchange.getRequestMethod(), uri.getRawPath(), Event.fields(uri.getRawQuery()), exchange.getRequestHeaders(), body);
        reply.send(answerTo(event));
    }

    /** One byte more than is allowed, if there is so much. */
    private byte[] bodyOf(HttpExchange exchange) throws IOException {
        var headers = exchange.getRequestHeaders();
        if (!headers.containsKey("Content-Length") && !headers.containsKey("Transfer-Encoding")) return NOTHING;
        var body = exchange.getRequestBody();
        return maxBodyBytes > 0 ? body.readNBytes(maxBodyBytes + 1) : body.readAllBytes();
    }

    private Answer answerTo(Event event) {
        try {
            return Answer.from(handler.apply(event));
        } catch (Throwable error) {
            error.printStackTrace();
            return Answer.error(500, error.getMessage() == null ? error.getClass().getSimpleName() : error.getMessage());
        }
    }
}
