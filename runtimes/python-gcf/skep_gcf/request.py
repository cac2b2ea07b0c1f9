"""The part of Flask's request that functions use."""

from skep_runtime.event import parse_form


class Fields(dict):
    """`a=1&a=2`: the first value, unless a list is asked for."""

    def __init__(self, fields):
        super().__init__((name, value[0] if isinstance(value, list) else value) for name, value in fields.items())
        self._all = fields

    def getlist(self, name):
        value = self._all.get(name, [])
        return value if isinstance(value, list) else [value]


class Request:
    def __init__(self, event):
        self._event = event
        self.method = event.method
        self.path = event.path
        self.headers = event.headers
        self.data = event.raw_body
        self.args = Fields(event.query)
        kind = event.headers.get("content-type", "").split(";", 1)[0].strip().lower()
        self.mimetype = kind
        self.is_json = kind.endswith(("/json", "+json"))
        self.form = Fields(parse_form(event.text()) if kind == "application/x-www-form-urlencoded" else {})
        self.remote_addr = event.headers.get("x-forwarded-for", "").split(",")[0].strip()

    @property
    def json(self):
        return self.get_json()

    def get_json(self, force=False, silent=False):
        if self.is_json:
            return self._event.body if self.data else None
        if silent or force:
            return None
        raise ValueError("The body is not JSON: its content type says something else.")

    def get_data(self, as_text=False):
        return self._event.text() if as_text else self.data
