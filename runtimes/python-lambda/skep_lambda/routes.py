"""Routes as API Gateway writes them: `GET /todos/{id}, ANY /files/{path+}`."""

import re
from urllib.parse import unquote

from skep_runtime.load import LoadError


class Route:
    def __init__(self, text):
        written = re.fullmatch(r"([A-Z]+)\s+(/\S*)", text)
        if not written:
            raise LoadError(f'LAMBDA_ROUTES has "{text}"; write routes as in "GET /todos/{{id}}, ANY /files/{{path+}}".')
        self.method, self.resource = written.groups()
        self.key = f"{self.method} {self.resource}"
        self.names = []
        parts = re.split(r"\{([^{}]+)\}", self.resource)  # every second one is a name
        self.pattern = re.compile("".join(self.group(one) if i % 2 else re.escape(one) for i, one in enumerate(parts)))

    def group(self, name):
        self.names.append(name.rstrip("+"))
        return "(.+)" if name.endswith("+") else "([^/]+)"

    def parameters_in(self, method, path):
        """None: the route does not fit."""
        found = self.pattern.fullmatch(path) if self.method in (method, "ANY") else None
        return found and dict(zip(self.names, map(unquote, found.groups())))


def routes_of(text):
    """A function that finds the first route that fits a request, with its parameters."""
    routes = [Route(one.strip()) for one in text.split(",") if one.strip()]

    def find(method, path):
        fitting = ((route, route.parameters_in(method, path)) for route in routes)
        return next((pair for pair in fitting if pair[1] is not None), (None, None))

    return find
