package skep;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;

/** Serves the class Handler over HTTP until SIGTERM. Configured by the environment: see README.md. */
public final class Main {
    public static void main(String[] arguments) throws Exception {
        // Without it every answer waits for the kernel; and the gateway shall close an idle connection first.
        System.setProperty("sun.net.httpserver.nodelay", "true");
        System.setProperty("sun.net.httpserver.idleInterval", "75");
        Server server = new Server(whole("MAX_INFLIGHT", 0), whole("MAX_BODY_BYTES", 100 << 20));
        server.listen(System.getenv("HOST"), whole("PORT", 8080));
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            boolean isAsked = !exitIsCalled();
            if (isAsked) server.drain();
            removeTemporary();
            System.out.flush();
            if (isAsked) Runtime.getRuntime().halt(0); // the JVM's own answer to SIGTERM is 143
        }));
        try {
            server.loaded(Loader.load());
        } catch (Loader.Failed failed) {
            if (failed.getCause() != null) failed.getCause().printStackTrace();
            System.err.println(failed.getMessage());
            server.notLoaded(failed.getMessage());
        }
    }

    /** A handler that calls System.exit waits for the end itself: waiting for its request would never end. */
    private static boolean exitIsCalled() {
        return Thread.getAllStackTraces().values().stream().flatMap(Arrays::stream).anyMatch(frame ->
            frame.getClassName().equals("java.lang.Runtime") && frame.getMethodName().equals("exit"));
    }

    /** What start.sh has compiled for this start only. */
    private static void removeTemporary() {
        String folder = System.getProperty("skep.temporary");
        if (folder == null) return;
        try (var files = Files.walk(Path.of(folder))) {
            files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
        } catch (IOException gone) {
            // somebody else has removed it
        }
    }

    private static int whole(String name, int otherwise) {
        String text = System.getenv(name);
        if (text == null || text.isEmpty()) return otherwise;
        if (text.matches("\\d{1,9}")) return Integer.parseInt(text);
        System.err.printf("%s must be a whole number, not \"%s\".%n", name, text);
        System.exit(1);
        return otherwise;
    }
}
