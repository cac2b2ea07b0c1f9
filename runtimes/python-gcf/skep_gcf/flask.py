"""Calls a function as a view of a Flask application: everything that Flask can do works in it."""

import io
import sys

from flask import Flask, request
from werkzeug.routing import Rule

from . import framework


def flask_caller(function, module):
    app = Flask(module.__name__, static_folder=None)
    app.config["PROPAGATE_EXCEPTIONS"] = True  # what the function does not catch is answered and logged as everywhere
    app.url_map.add(Rule("/", defaults={"path": ""}, endpoint="function"))
    app.url_map.add(Rule("/<path:path>", endpoint="function"))
    app.view_functions["function"] = lambda path: function(request._get_current_object())
    for kind, handler in framework.error_handlers:
        app.register_error_handler(kind, handler)
    return lambda given: answer_of(app, environ_of(given))


def answer_of(app, environ):
    answer = {}

    def start(status, headers, error=None):
        answer["statusCode"] = int(status[:3])
        answer["headers"] = {}
        for name, value in headers:
            answer["headers"].setdefault(name, []).append(value)

    parts = app(environ, start)
    if "Content-Length" not in answer["headers"] and answer["statusCode"] not in (204, 304):
        return {**answer, "body": parts}
    body = b"".join(parts)
    parts.close()
    return {**answer, "body": body}


def environ_of(given):
    """As WSGI (PEP 3333) has it."""
    environ = {
        "REQUEST_METHOD": given.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": given.path.encode().decode("latin-1"),
        "QUERY_STRING": given.query_string.decode(),
        "CONTENT_TYPE": given.content_type or "",
        "CONTENT_LENGTH": str(given.content_length),
        "REMOTE_ADDR": given.remote_addr,
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": given.scheme,
        "wsgi.input": io.BytesIO(given.data),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    environ.update((f"HTTP_{name.upper().replace('-', '_')}", value) for name, value in given.headers.items())
    environ["HTTP_HOST"] = given.host
    return environ
