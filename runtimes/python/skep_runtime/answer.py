"""Writes what a handler returned."""

import json
import time
import traceback
from http import HTTPStatus

phrases = {status.value: status.phrase for status in HTTPStatus}


class CallerLeft(Exception):
    """Not an OSError: those a handler has of its own, when its database is away."""


def send(stream, data):
    try:
        stream.sendall(data)
    except OSError as error:
        raise CallerLeft from error


def error_answer(status, message):
    return {"statusCode": status, "body": {"error": message}}


def write_answer(stream, request, value, fields):
    """
    Sends the answer; false when it broke off, so that the connection must end. `fields` are the runtime's own headers.
    Raises, before anything is written, when the value, the status or a header cannot be sent.
    """
    status, headers, body = unfold(value) if is_shaped(value) else (200, {}, value)
    if type(status) is not int or not 200 <= status <= 599:
        raise ValueError(f"The handler answered with status {status!r}; it must be a number from 200 to 599.")
    no_body = request.method == "HEAD" or status in (204, 304)
    if is_stream(body):
        chunked = not request.is_old and not any(name.lower() == "content-length" for name in headers)
        framing = [("Transfer-Encoding", "chunked")] if chunked else []
        send(stream, head_of(status, headers, [*fields, *framing], "application/octet-stream"))
        return close_of(body) if no_body else write_stream(stream, body, chunked)
    kind, data = typed(body)
    length = [] if status in (204, 304) else [("Content-Length", str(len(data)))]
    head = head_of(status, headers, [*fields, *length], None if status in (204, 304) else kind)
    send(stream, head if no_body else head + data)
    return True


def is_shaped(value):
    """{'statusCode', 'headers', 'body'}, or 'status' for 'statusCode'. {'status': 'done'} is data."""
    if not isinstance(value, dict):
        return False
    return type(value.get("statusCode")) is int or (
        type(value.get("status")) is int and ("body" in value or "headers" in value)
    )


def unfold(value):
    status = value["statusCode"] if "statusCode" in value else value["status"]
    return status, value.get("headers") or {}, value.get("body")


def is_stream(body):
    return hasattr(body, "__next__") or hasattr(body, "read")


def typed(body):
    """The content type of a plain value, and the value as bytes."""
    if isinstance(body, str):
        return "text/plain; charset=utf-8", body.encode()
    if body is None:
        return None, b""
    if isinstance(body, (bytes, bytearray, memoryview)):
        return "application/octet-stream", bytes(body)
    return "application/json", json.dumps(body, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def head_of(status, headers, fields, kind):
    """The handler's content type wins over ours; the length and the framing of the body are ours."""
    ours = {name.lower() for name, _ in fields}
    date = time.strftime("Date: %a, %d %b %Y %H:%M:%S GMT", time.gmtime())
    lines = [f"HTTP/1.1 {status} {phrases.get(status, '')}", date]
    lines += [f"{name}: {value}" for name, value in fields]
    for name, value in headers.items():
        key = name.lower()
        if value is None or key in ours or key == "connection":
            continue
        if key == "content-type":
            kind = None
        lines += [f"{name}: {one}" for one in (value if isinstance(value, (list, tuple)) else [value])]
    if kind:
        lines.append(f"Content-Type: {kind}")
    for line in lines:
        if "\r" in line or "\n" in line:
            raise ValueError(f"A header must not contain a line break: {line!r}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


def write_stream(stream, body, chunked):
    parts = body if hasattr(body, "__next__") and not hasattr(body, "read") else iter(lambda: body.read(65536), b"")
    try:
        for part in parts:
            data = part.encode() if isinstance(part, str) else bytes(part)
            if data:
                send(stream, b"%x\r\n%b\r\n" % (len(data), data) if chunked else data)
    except CallerLeft:
        raise
    except Exception:
        traceback.print_exc()  # the answer is cut where it broke
        return False
    finally:
        close_of(body)
    if chunked:
        send(stream, b"0\r\n\r\n")
    return chunked


def close_of(body):
    if hasattr(body, "close"):
        body.close()
    return True
