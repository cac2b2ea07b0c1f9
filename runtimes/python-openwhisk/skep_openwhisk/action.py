"""Calls an action as a web action and maps its result back."""

import base64
import os
import re

from skep_runtime.load import LoadError, load_module

textual = re.compile(r"^text/|[/+](json|xml)|javascript|x-www-form-urlencoded")


def load_action(folder):
    wanted = os.environ.get("__OW_MAIN") or "main"
    module = load_module(folder, ["__main__.py", "main.py", "handler.py"])
    main = getattr(module, wanted, None)
    if not callable(main):
        raise LoadError(f'There is no function "{wanted}". Write: def {wanted}(params): return {{}}')
    return lambda event: answer_of(main(params_of(event)))


def params_of(event):
    """The query, an object in the body over it, and what `__ow_` says of the request."""
    fields = event.body if isinstance(event.body, dict) else {}
    params = {
        **event.query,
        **fields,
        "__ow_method": event.method.lower(),
        "__ow_headers": dict(event.headers),
        "__ow_path": event.path,
    }
    if event.raw_body and not isinstance(event.body, dict):
        is_binary = isinstance(event.body, bytes)
        params["__ow_body"] = base64.b64encode(event.raw_body).decode() if is_binary else event.text()
    return params


def answer_of(result):
    """With statusCode, headers or body it is the HTTP answer; any other dict is the answer itself, as JSON."""
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
