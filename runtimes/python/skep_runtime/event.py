"""The request as a handler sees it."""

import json
from urllib.parse import parse_qsl


class BadBody(Exception):
    """The caller's mistake, not the handler's."""


class Headers(dict):
    """Names are in lower case, and asked for in any case."""

    key = staticmethod(str.lower)

    def __getitem__(self, name):
        return super().__getitem__(self.key(name))

    def __contains__(self, name):
        return super().__contains__(self.key(name))

    def get(self, name, otherwise=None):
        return super().get(self.key(name), otherwise)


class Event:
    def __init__(self, request, raw):
        self.method = request.method
        self.path = request.path
        self.query = parse_form(request.query)
        self.headers = Headers(request.headers)
        self.raw_body = raw
        self.body = parse_body(raw, request.headers.get("content-type", "")) if raw else ""

    def text(self):
        return self.raw_body.decode("utf-8", "replace")


def parse_form(text):
    """`a=1&b=2&a=3` as {'a': ['1', '3'], 'b': '2'}."""
    fields = {}
    for name, value in parse_qsl(text, keep_blank_values=True) if text else ():
        before = fields.get(name)
        if before is None:
            fields[name] = value
        else:
            fields[name] = [*before, value] if isinstance(before, list) else [before, value]
    return fields


def parse_body(raw, content_type):
    kind = content_type.split(";", 1)[0].strip().lower()
    if kind.endswith(("/json", "+json")):
        try:
            return json.loads(raw)
        except ValueError as error:
            raise BadBody(f"The body is not JSON: {error}") from None
    if kind == "application/x-www-form-urlencoded":
        return parse_form(raw.decode("utf-8", "replace"))
    if kind.startswith("text/") or kind.endswith(("/xml", "+xml")):
        return raw.decode("utf-8", "replace")
    return raw
