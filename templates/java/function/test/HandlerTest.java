import java.util.Map;
import skep.Event;

/** How to run it: README.md. */
final class HandlerTest {
    public static void main(String[] arguments) {
        check("greets whom the body names", "Hello, Maja!\n", "Maja");
        check("greets the world when nobody is named", "Hello, World!\n", "");
    }

    private static void check(String what, String expected, String body) {
        Object said = new Handler().handle(new Event("POST", "/", Map.of(), Map.of(), body.getBytes()));
        if (!expected.equals(said)) throw new AssertionError(what + ": " + said);
        System.out.println("ok: " + what);
    }
}
