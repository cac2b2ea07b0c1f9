"""Listens, knows whether it is ready, and counts what is in flight."""

import socket
import threading

from .connection import Connection


class HandlerServer:
    """Serves one handler, a thread a connection. It listens while the handler loads, so that `/_/ready` can say why not."""

    def __init__(self, event_of, max_in_flight, max_body_bytes):
        self.event_of = event_of
        self.max_in_flight = max_in_flight
        self.max_body_bytes = max_body_bytes
        self.handler = None
        self.draining = False
        self._not_ready = "loading"
        self._load_ended = threading.Event()
        self._in_flight = 0
        self._connections = set()
        self._change = threading.Condition()

    def listen(self, host, port):
        # No host: every address, IPv6 too.
        both = host == "" and socket.has_dualstack_ipv6()
        family = socket.AF_INET6 if both or ":" in host else socket.AF_INET
        self._listener = socket.create_server((host, port), family=family, dualstack_ipv6=both, backlog=1024)
        threading.Thread(target=self._accept, daemon=True).start()

    def loaded(self, handler):
        self.handler = handler
        self._not_ready = None
        self._load_ended.set()

    def not_loaded(self, reason):
        self._not_ready = f"cannot load: {reason}"
        self._load_ended.set()

    def why_not_loaded(self):
        """Waits for a handler that still loads: for callers who did not ask `/_/ready`."""
        self._load_ended.wait()
        return None if self.handler else self._not_ready

    def readiness(self):
        if self.draining:
            return 503, "stopping"
        if self._not_ready:
            return 503, self._not_ready
        return (429, "busy") if self._is_full() else (200, "OK")

    def begin(self):
        """Counts one request more, unless there are too many already."""
        with self._change:
            is_full = self._is_full()
            self._in_flight += not is_full
            return not is_full

    def end(self):
        with self._change:
            self._in_flight -= 1
            self._change.notify_all()

    def drain(self):
        """Accepts no more connections and returns when all that is in flight has been answered."""
        self.draining = True
        self._listener.shutdown(socket.SHUT_RDWR)  # closing alone would not wake accept()
        self._listener.close()
        with self._change:
            for connection in self._connections:
                connection.close_if_idle()
            self._change.wait_for(lambda: self._in_flight == 0)

    def forget(self, connection):
        with self._change:
            self._connections.discard(connection)

    def _is_full(self):
        return 0 < self.max_in_flight <= self._in_flight

    def _accept(self):
        while not self.draining:
            try:
                stream, _ = self._listener.accept()
            except OSError:  # drain() closed it
                return
            connection = Connection(stream, self)
            with self._change:
                self._connections.add(connection)
            threading.Thread(target=connection.run, daemon=True).start()
