import skep.Event;

/** Answers every request. What an Event has, and what may be returned: README.md. */
public final class Handler {
    public Object handle(Event event) {
        System.out.printf("call %s: %s %s%n", event.callId(), event.method(), event.path());
        String name = event.text().isBlank() ? "World" : event.text().strip();
        return "Hello, " + name + "!\n";
    }
}
