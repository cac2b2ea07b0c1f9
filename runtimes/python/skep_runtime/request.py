"""Reads HTTP/1.1 requests from a socket."""

max_head_bytes = 64 * 1024


class BadRequest(Exception):
    pass


class BodyTooLarge(Exception):
    pass


class Request:
    """The head of a request; header names are in lower case."""

    def __init__(self, head):
        line, *rest = head.decode("latin-1").split("\r\n")
        try:
            self.method, self.target, version = line.split(" ")
        except ValueError:
            raise BadRequest(f"its first line is {line[:100]!r}") from None
        self.path, _, self.query = self.target.partition("?")
        self.headers = {}
        for field in rest:
            name, _, value = field.partition(":")
            name, value = name.lower(), value.strip(" \t")
            before = self.headers.get(name)
            self.headers[name] = value if before is None else f"{before}, {value}"
        self.is_old = version == "HTTP/1.0"
        wish = self.headers.get("connection", "keep-alive" if not self.is_old else "close").lower()
        self.keep_alive = wish != "close"


class Reader:
    def __init__(self, stream):
        self._stream = stream
        self._buffer = b""
        self._length = 0  # of the body that is still to be read; None: it comes in chunks
        self._expects = False

    def read_head(self):
        """The next request, or None at the end of the connection."""
        while (end := self._buffer.find(b"\r\n\r\n")) < 0:
            if len(self._buffer) > max_head_bytes:
                raise BadRequest("its head is too long")
            part = self._stream.recv(65536)
            if not part:
                return None
            self._buffer += part
        head, self._buffer = self._buffer[:end], self._buffer[end + 4 :]
        request = Request(head)
        headers = request.headers
        length = headers.get("content-length", "0")
        if not length.isdecimal():
            raise BadRequest(f"its length is {length!r}")
        self._length = None if "transfer-encoding" in headers else int(length)
        self._expects = headers.get("expect", "").lower() == "100-continue"
        return request

    def is_at_end(self):
        """The body has been read."""
        return self._length == 0

    def read_body(self, max_bytes):
        if self._length == 0:
            return b""
        if max_bytes and (self._length or 0) > max_bytes:
            raise BodyTooLarge
        if self._expects:
            self._stream.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        body = self._read_chunks(max_bytes) if self._length is None else self._take(self._length)
        self._length = 0
        return body

    def _read_chunks(self, max_bytes):
        parts, total = [], 0
        while size := self._chunk_size():
            total += size
            if max_bytes and total > max_bytes:
                raise BodyTooLarge
            parts.append(self._take(size))
            self._line()
        while self._line():  # trailers
            pass
        return b"".join(parts)

    def _chunk_size(self):
        line = self._line()
        try:
            return int(line.split(b";", 1)[0], 16)
        except ValueError:
            raise BadRequest(f"a chunk's length is {line!r}") from None

    def _line(self):
        while (end := self._buffer.find(b"\r\n")) < 0:
            if len(self._buffer) > max_head_bytes:
                raise BadRequest("a line of its body is too long")
            self._buffer += self._some()
        line, self._buffer = self._buffer[:end], self._buffer[end + 2 :]
        return line

    def _take(self, size):
        if len(self._buffer) >= size:
            body, self._buffer = self._buffer[:size], self._buffer[size:]
            return body
        body = bytearray(size)
        view = memoryview(body)
        have = len(self._buffer)
        view[:have], self._buffer = self._buffer, b""
        while have < size:
            count = self._stream.recv_into(view[have:])
            if count == 0:
                raise ConnectionError
            have += count
        return bytes(body)

    def _some(self):
        part = self._stream.recv(65536)
        if not part:
            raise ConnectionError
        return part
