"""Finds and calls a Lambda handler."""

import asyncio
import os
import re
import threading
from functools import partial

from skep_runtime.load import LoadError, load_module
from skep_runtime.main_thread import call_there

from . import logs
from .context import context_maker
from .environment import enter


def load_lambda(folder, answer_of):
    """`_HANDLER` (or `HANDLER`) is `file.function`, as in Lambda's settings."""
    given = os.environ.get("_HANDLER") or os.environ.get("HANDLER")
    wanted = given or "lambda_function.lambda_handler"
    setting = f'HANDLER is "{given}"' if given else f'HANDLER is not set, which means "{wanted}"'
    module, _, function = wanted.rpartition(".")
    if not module:
        raise LoadError(f'{setting}; it names a file and its function, as in "app.handler".')
    file = module.replace(".", "/")
    names = [name for name in (f"{file}.py", f"{file}/__init__.py") if os.path.isfile(os.path.join(folder, name))]
    if not names:
        raise LoadError(f'{setting}, but {folder} has no {file}.py.')
    enter(folder, wanted)
    logs.set_up()
    handler = getattr(load(folder, names), function, None)
    if not callable(handler):
        raise LoadError(f'{setting}, but {names[0]} has no function "{function}".')
    context_of = context_maker(os.environ)
    # One at a time means as in Lambda: in the main thread, where signals and what was opened at the start work.
    called = partial(call_there, call) if os.environ.get("MAX_INFLIGHT") == "1" else call
    return lambda invocation: answer_of(called(handler, invocation, context_of(invocation.id)))


def load(folder, names):
    try:
        return load_module(folder, names)
    except LoadError as error:
        missing = re.search("No module named '(boto3|botocore)'", str(error))
        if not missing:
            raise
        hint = f"Lambda brings {missing[1]} along; here it is a line in requirements.txt."
        raise LoadError(f"{error}. {hint}") from error.__cause__


own = threading.local()


def call(handler, invocation, context):
    logs.request_id.set(invocation.id)
    if not hasattr(own, "loop"):  # asyncio gives one to the main thread, in which Lambda calls
        own.loop = asyncio.new_event_loop()
        asyncio.set_event_loop(own.loop)
    return handler(invocation.event, context)
