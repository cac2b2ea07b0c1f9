"""From the settings to the end of the process."""

import os
import signal
import sys
import threading
import traceback

from .event import Event
from .load import LoadError
from .main_thread import run_until, work
from .server import HandlerServer

endings = (signal.SIGTERM, signal.SIGINT)


def serve(load, event_of=Event):
    """
    Serves what `load(folder)` returns: a function of (event, context). A runtime that is built upon this one may make the
    event in its own way.
    """
    # A line is in the log when it is printed, also in a pipe.
    sys.stdout.reconfigure(line_buffering=True)
    forget_own_folders()
    for number in endings:
        signal.signal(number, lambda *_: work.put("end"))
    os.register_at_fork(after_in_child=end_as_others)
    server = HandlerServer(event_of, whole("MAX_INFLIGHT", 0), whole("MAX_BODY_BYTES", 100 << 20))
    server.listen(os.environ.get("HOST") or "", whole("PORT", 8080))
    try:
        server.loaded(load(handler_folder()))
    except LoadError as error:
        if error.__cause__:
            traceback.print_exception(error.__cause__)
        print(error, file=sys.stderr)
        server.not_loaded(str(error))
    run_until("end")
    # What is in flight may need the main thread.
    threading.Thread(target=lambda: (server.drain(), work.put("drained")), daemon=True).start()
    run_until("drained")
    sys.stdout.flush()
    os._exit(0)  # a thread that the handler left behind must not keep the process


def end_as_others():
    """A process that the handler forks ends by a signal."""
    for number in endings:
        signal.signal(number, signal.SIG_DFL)


def forget_own_folders():
    """What the handler imports is its own, never a module of the runtime."""
    runtimes = os.path.dirname(os.path.dirname(os.path.abspath(sys.argv[0])))
    sys.path[:] = [path for path in sys.path if os.path.dirname(path) != runtimes]


def handler_folder():
    given = sys.argv[1] if len(sys.argv) > 1 else os.environ.get("HANDLER_DIR")
    return os.path.abspath(given or "function")


def whole(name, otherwise):
    text = os.environ.get(name, "")
    if text == "":
        return otherwise
    if text.isdecimal():
        return int(text)
    sys.exit(f'{name} must be a whole number, not "{text}".')
