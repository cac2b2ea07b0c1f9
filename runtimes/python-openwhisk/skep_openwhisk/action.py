"""Calls an action as a web action and maps its result back."""

import base64
import glob
import os
import re
import sys

from skep_runtime.event import Event
from skep_runtime.load import LoadError, load_module

textual = re.compile(r"^text/|[/+](json|xml)|javascript|x-www-form-urlencoded")


def load_action(folder):
    wanted = os.environ.get("__OW_MAIN") or "main"
    os.environ.setdefault("__OW_ACTION_NAME", f"/_/{os.environ.get('OPENFAAS_NAME', 'action')}")
    sys.path.extend(glob.glob(os.path.join(folder, "virtualenv/lib/python*/site-packages")))  # of an archive with one
    module = load_module(folder, ["__main__.py", "main.py", "handler.py"])
    main = getattr(module, wanted, None)
    if not callable(main):
        raise LoadError(f'There is no function "{wanted}". Write: def {wanted}(params): return {{}}')
    params = raw_params_of if os.environ.get("__OW_RAW_HTTP") == "true" else params_of

    def call(event):
        os.environ["__OW_ACTIVATION_ID"] = event.headers.get("x-call-id", "").replace("-", "")
        return answer_of(main(params(event)))

    return call


class RawEvent(Event):
    """Keeps the query as it came."""

    def __init__(self, request, raw):
        super().__init__(request, raw)
        self.search = request.query


def params_of(event):
    """The query, an object in the body over it, and what `__ow_` says of the request."""
    fields = event.body if isinstance(event.body, dict) else {}
    params = {**event.query, **fields, **request_of(event)}
    if event.raw_body and not isinstance(event.body, dict):
        is_binary = isinstance(event.body, bytes)
        params["__ow_body"] = base64.b64encode(event.raw_body).decode() if is_binary else event.body
    return params


def raw_params_of(event):
    """A raw web action gets the query and the body as they came; what is not text, and JSON, as base64."""
    is_text = re.match("text/|application/x-www-form-urlencoded", event.headers.get("content-type", ""))
    body = event.text() if is_text else base64.b64encode(event.raw_body).decode()
    return {**request_of(event), "__ow_query": event.search, "__ow_body": body}


def request_of(event):
    return {
        "__ow_method": event.method.lower(),
        "__ow_headers": dict(event.headers),
        "__ow_path": "" if event.path == "/" else event.path,
    }


def answer_of(result):
    """With statusCode, headers or body it is the HTTP answer; any other dict is the answer itself, as JSON."""
    if isinstance(result, list):
        return {"statusCode": 200, "body": result}
    if not isinstance(result, dict):
        raise TypeError("The action did not return a dictionary.")
    if "error" in result:
        error = result["error"]
        named = isinstance(error, dict) and "statusCode" in error
        return answer_of(error if named else {"statusCode": 502, "body": {"error": error}})
    if not result.keys() & {"statusCode", "headers", "body"}:
        return {"statusCode": 200, "body": result}
    body = result.get("body")
    headers = dict(result.get("headers") or {})
    status = int(result.get("statusCode") or (200 if body else 204))
    if isinstance(body, str) and body:
        kind = next((value for name, value in headers.items() if name.lower() == "content-type"), None)
        if kind is None:
            headers["Content-Type"] = "text/html"
        elif not textual.search(kind):
            body = base64.b64decode(body)  # an image is written as base64
    return {"statusCode": status, "headers": headers, "body": body}
