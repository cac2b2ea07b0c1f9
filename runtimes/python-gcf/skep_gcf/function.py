"""Finds the function that is served, and how it is called."""

import os
import sys
from inspect import isfunction

from skep_runtime.load import LoadError, load_module

from . import framework
from .events import event_caller
from .http import http_caller, typed_caller

# Google installs these with its framework whether requirements.txt asks for them or not.
brought_along = {"flask", "werkzeug", "markupsafe", "jinja2", "starlette"}
stand_ins = os.path.join(os.path.dirname(__file__), "stand_in")


def load_function(folder):
    sys.modules["functions_framework"] = framework
    module = load_source(folder)
    signature, function = choose(module)
    if signature == "http":
        return http_caller(function, module)
    return typed_caller(function) if signature == "typed" else event_caller(signature, function)


def load_source(folder):
    """FUNCTION_SOURCE names another file than main.py."""
    source = os.path.join(folder, os.environ.get("FUNCTION_SOURCE") or "main.py")
    sys.path.append(os.path.join(os.path.dirname(folder), "packages"))  # when the source is in a folder below
    sys.path.append(stand_ins)
    try:
        return load_module(os.path.dirname(source), [os.path.basename(source)])
    except LoadError as error:
        missing = getattr(error.__cause__, "name", None) or ""
        if isinstance(error.__cause__, ModuleNotFoundError) and missing.split(".")[0] in brought_along:
            raise LoadError(f"{error}. Add functions-framework to requirements.txt: it brings this.") from error.__cause__
        raise


def choose(module):
    """FUNCTION_TARGET names it, registered or defined; it may be left out if there is only one."""
    plain = os.environ.get("FUNCTION_SIGNATURE_TYPE") or "http"
    own = {name: (plain, value) for name, value in vars(module).items() if is_own(value, module)}
    target = os.environ.get("FUNCTION_TARGET")
    if target and callable(getattr(module, target, None)):
        return framework.registered.get(target) or (plain, getattr(module, target))
    candidates = framework.registered or own
    if not target and len(candidates) == 1:
        return next(iter(candidates.values()))
    if not target and "function" in candidates:
        return candidates["function"]
    file = os.path.basename(module.__file__)
    if not candidates:
        raise LoadError(f"{file} has no function. Write: def hello(request): return 'an answer'")
    what = f'no function "{target}"' if target else "more than one function"
    there = ", ".join({**own, **framework.registered})
    raise LoadError(f"{file} has {what}; FUNCTION_TARGET in its environment names one of these: {there}.")


def is_own(value, module):
    return isfunction(value) and value.__module__ == module.__name__
