"""One connection, from its first request to its last."""

import socket
import sys
import time
import traceback
from contextlib import suppress

from .answer import CallerLeft, error_answer, send, write_answer
from .call import call
from .event import BadBody
from .request import BadRequest, BodyTooLarge, Reader


class Connection:
    def __init__(self, stream, server):
        stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._stream = stream
        self._server = server
        self._reader = Reader(stream)
        self._idle = True

    def close_if_idle(self):
        if self._idle:
            self._shut(socket.SHUT_RD)  # the thread that waits for a request sees the end

    def run(self):
        try:
            while self._serve_one():
                pass
        except (CallerLeft, OSError):
            pass
        except BadRequest as error:
            with suppress(CallerLeft):
                send(self._stream, b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
            print(f"A request that is no HTTP: {error}", file=sys.stderr)
        finally:
            self._stream.close()
            self._server.forget(self)

    def _serve_one(self):
        """Answers one request; false when the connection ends with it."""
        request = self._reader.read_head()
        self._idle = False
        if request is None:
            return False
        self._request = request
        self._started = time.perf_counter()
        if request.path.startswith("/_/"):
            known = self._serve_probe(request.path)
            if known is not None:
                return known
        if not self._server.begin():
            limit = self._server.max_in_flight
            return self._refuse(429, f"This replica already serves {limit} requests.", [("Retry-After", "1")])
        try:
            return self._serve()
        finally:
            self._server.end()

    def _serve_probe(self, path):
        if path == "/_/health":
            return self._write({"statusCode": 200, "body": "OK"})
        if path == "/_/ready":
            status, text = self._server.readiness()
            return self._write({"statusCode": status, "body": text})
        return None

    def _serve(self):
        reason = self._server.why_not_loaded()
        if reason:
            return self._refuse(503, reason)
        try:
            raw = self._reader.read_body(self._server.max_body_bytes)
            event = self._server.event_of(self._request, raw)
        except BodyTooLarge:
            return self._refuse(413, f"The body is larger than {self._server.max_body_bytes} bytes.")
        except BadBody as error:
            return self._refuse(400, str(error))
        try:
            return self._write(call(self._server.handler, event))
        except CallerLeft:
            raise
        except (Exception, SystemExit) as error:
            traceback.print_exc()
            return self._refuse(500, str(error) or type(error).__name__)

    def _refuse(self, status, message, fields=()):
        return self._write(error_answer(status, message), fields)

    def _write(self, value, fields=()):
        stays = self._request.keep_alive and self._reader.is_at_end() and not self._server.draining
        duration = time.perf_counter() - self._started
        head = [("X-Duration-Seconds", f"{duration:.6f}"), *fields]
        if not stays:
            head.append(("Connection", "close"))
        elif self._request.is_old:
            head.append(("Connection", "keep-alive"))
        whole = write_answer(self._stream, self._request, value, head)
        if stays and whole:
            self._idle = True
            return not self._server.draining
        if whole and not self._reader.is_at_end():
            self._discard()
        return False

    def _discard(self):
        """A caller who still sends would lose the answer if the connection were just closed."""
        self._shut(socket.SHUT_WR)
        self._stream.settimeout(2)
        while self._stream.recv(65536):
            pass

    def _shut(self, how):
        try:
            self._stream.shutdown(how)
        except OSError:
            pass  # it has ended by itself
