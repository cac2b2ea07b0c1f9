"""From the settings to the end of the process."""

import os
import signal
import sys
import threading
import traceback

from .load import LoadError
from .server import HandlerServer


def serve(load):
    """Serves what `load(folder)` returns: a function of (event, context)."""
    # A line is in the log when it is printed, also in a pipe.
    sys.stdout.reconfigure(line_buffering=True)
    # What the handler imports is its own, never a module of the runtime.
    sys.path[0] = ""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    server = HandlerServer(max_in_flight=whole("MAX_INFLIGHT", 0), max_body_bytes=whole("MAX_BODY_BYTES", 100 << 20))
    server.listen(os.environ.get("HOST") or "", whole("PORT", 8080))
    try:
        server.loaded(load(handler_folder()))
    except LoadError as error:
        if error.__cause__:
            traceback.print_exception(error.__cause__)
        print(error, file=sys.stderr)
        server.not_loaded(str(error))
    stop.wait()
    server.drain()
    sys.stdout.flush()
    os._exit(0)  # a thread that the handler left behind must not keep the process


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
