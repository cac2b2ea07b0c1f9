"""The part of Flask's request that functions use, for functions that come without Flask."""

import json
from urllib.parse import unquote

from skep_runtime.event import BadBody, Headers, parse_form


class Fields(dict):
    """`a=1&a=2`: the first value, unless a list is asked for."""

    def __init__(self, text):
        fields = parse_form(text)
        super().__init__((name, value[0] if isinstance(value, list) else value) for name, value in fields.items())
        self._all = fields

    def get(self, name, default=None, type=None):
        try:
            return type(self[name]) if type else self[name]
        except (KeyError, ValueError):
            return default

    def getlist(self, name):
        value = self._all.get(name, [])
        return value if isinstance(value, list) else [value]

    def to_dict(self, flat=True):
        return dict(self) if flat else {name: self.getlist(name) for name in self}


class Request:
    def __init__(self, request, raw):
        self.method = request.method
        self.path = unquote(request.path)
        self.query_string = request.query.encode()
        self.args = Fields(request.query)
        self.headers = Headers(request.headers)
        self.data = raw
        self.content_type = request.headers.get("content-type")
        self.content_length = len(raw)
        self.mimetype = (self.content_type or "").split(";", 1)[0].strip().lower()
        self.is_json = self.mimetype == "application/json" or self.mimetype.endswith("+json")
        self.scheme = request.headers.get("x-forwarded-proto", "http")
        self.host = request.headers.get("x-forwarded-host") or request.headers.get("host", "")
        self.remote_addr = request.headers.get("x-forwarded-for", "").split(",")[0].strip()
        self.full_path = f"{self.path}?{request.query}"
        self.base_url = f"{self.scheme}://{self.host}{self.path}"
        self.url = f"{self.base_url}?{request.query}" if request.query else self.base_url

    @property
    def form(self):
        is_form = self.mimetype == "application/x-www-form-urlencoded"
        return Fields(self.get_data(as_text=True) if is_form else "")

    @property
    def json(self):
        return self.get_json()

    def get_json(self, force=False, silent=False, cache=True):
        if not (self.is_json or force):
            if silent:
                return None
            raise BadBody("The body is not JSON: its content type says something else.")
        try:
            return json.loads(self.data)
        except ValueError as error:
            if silent:
                return None
            raise BadBody(f"The body is not JSON: {error}") from None

    def get_data(self, cache=True, as_text=False):
        return self.data.decode("utf-8", "replace") if as_text else self.data
