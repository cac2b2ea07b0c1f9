"""Calls a function of a request and maps its result back."""

import json
from importlib.util import find_spec

from skep_runtime.answer import error_answer
from skep_runtime.event import BadBody


def http_caller(function, module):
    """With Flask's own request and answers, if it is installed."""
    if find_spec("flask"):
        from .flask import flask_caller

        return flask_caller(function, module)
    return answering_mistakes(lambda request: answer_of(function(request)))


def typed_caller(function):
    """JSON is made into the type of the parameter by its from_dict, and its answer into JSON by to_dict."""

    def call(request):
        value = function(function.given_type.from_dict(request.get_json(force=True)))
        data = value.to_dict() if hasattr(value, "to_dict") else value
        return {"statusCode": 200, "headers": {"Content-Type": "application/json"}, "body": json.dumps(data)}

    return answering_mistakes(call)


def answering_mistakes(call):
    def careful(request):
        try:
            return call(request)
        except BadBody as error:
            return error_answer(400, str(error))

    return careful


def answer_of(result):
    """Text, bytes, a dict or list; or a tuple of that with a status, headers or both."""
    body, *rest = result if isinstance(result, tuple) else (result,)
    status = next((one for one in rest if isinstance(one, int)), 200)
    headers = dict(next((one for one in rest if not isinstance(one, int)), {}))
    if body is None:
        raise TypeError("The function returned nothing; it must return an answer.")
    if isinstance(body, (str, bytes)) and not any(name.lower() == "content-type" for name in headers):
        headers["Content-Type"] = "text/html; charset=utf-8"
    return {"statusCode": status, "headers": headers, "body": body}
