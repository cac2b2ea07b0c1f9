package skep;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Arrays;

/** Finds the method `handle` of the class Handler. */
final class Loader {
    interface Call {
        Object apply(Event event) throws Throwable;
    }

    /** What went wrong, in words that a person can act on. */
    static final class Failed extends Exception {
        Failed(String message, Throwable cause) {
            super(message, cause);
        }
    }

    static Call load() throws Failed {
        try {
            Class<?> type = Class.forName("Handler");
            Method method = Arrays.stream(type.getMethods())
                .filter(one -> one.getName().equals("handle") && Arrays.equals(one.getParameterTypes(), new Class<?>[] {Event.class}))
                .findFirst()
                .orElseThrow(() -> new Failed("Handler has no method: public Object handle(skep.Event event)", null));
            Object target = Modifier.isStatic(method.getModifiers()) ? null : type.getConstructor().newInstance();
            return event -> call(method, target, event);
        } catch (ExceptionInInitializerError | InvocationTargetException error) {
            throw new Failed(placeOf(error.getCause()) + ": " + error.getCause(), error.getCause());
        } catch (ReflectiveOperationException | LinkageError error) {
            throw new Failed("Handler.java: " + error, error);
        }
    }

    private static Object call(Method method, Object target, Event event) throws Throwable {
        try {
            return method.invoke(target, event);
        } catch (InvocationTargetException error) {
            throw error.getCause();
        }
    }

    private static String placeOf(Throwable error) {
        return Arrays.stream(error.getStackTrace())
            .filter(frame -> "Handler.java".equals(frame.getFileName()))
            .findFirst()
            .map(frame -> "Handler.java:" + frame.getLineNumber())
            .orElse("Handler.java");
    }
}
