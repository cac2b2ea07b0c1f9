"""Finds the function, calls it by its signature and maps its result back."""

import os
import sys
from inspect import isfunction

from skep_runtime.load import LoadError, load_module

from . import framework
from .events import event_caller
from .request import Request


def load_function(folder):
    """FUNCTION_TARGET names it, registered or defined; it may be left out if there is only one."""
    sys.modules["functions_framework"] = framework
    module = load_module(folder, ["main.py"])
    signature = os.environ.get("FUNCTION_SIGNATURE_TYPE") or "http"
    own = {name: (signature, value) for name, value in vars(module).items() if is_own(value, module)}
    candidates = {**own, **framework.registered} if os.environ.get("FUNCTION_TARGET") else framework.registered or own
    target = os.environ.get("FUNCTION_TARGET") or (next(iter(candidates)) if len(candidates) == 1 else "function")
    if target not in candidates:
        there = ", ".join(candidates) or "none"
        raise LoadError(f'main.py has no function "{target}"; FUNCTION_TARGET names one of these: {there}.')
    signature, function = candidates[target]
    if signature == "http":
        return lambda event: answer_of(function(Request(event)))
    return event_caller(signature, function)


def is_own(value, module):
    return isfunction(value) and value.__module__ == module.__name__


def answer_of(result):
    """Text, bytes, a dict or list; or a tuple of that with a status, headers or both."""
    body, *rest = result if isinstance(result, tuple) else (result,)
    status = next((one for one in rest if isinstance(one, int)), 200)
    headers = dict(next((one for one in rest if not isinstance(one, int)), {}))
    if hasattr(body, "get_data") and hasattr(body, "status_code"):  # a Response of Flask
        return {"statusCode": body.status_code, "headers": dict(body.headers), "body": body.get_data()}
    if body is None:
        raise TypeError("The function returned nothing; it must return an answer.")
    if isinstance(body, (str, bytes)) and not any(name.lower() == "content-type" for name in headers):
        headers["Content-Type"] = "text/html; charset=utf-8"
    return {"statusCode": status, "headers": headers, "body": body}
