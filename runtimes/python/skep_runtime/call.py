"""Calls the handler, whether it takes (event, context) or (event), whether it is async or not."""

import asyncio
import inspect
import threading
from functools import lru_cache


class Context:
    def __init__(self, call_id):
        self.call_id = call_id


def call(handler, event):
    given = (event, Context(event.headers.get("x-call-id")))
    result = handler(*given[: takes(handler)])
    if inspect.isawaitable(result):
        return wait_for(result)
    return drawn(result) if inspect.isasyncgen(result) else result


@lru_cache(maxsize=8)
def takes(handler):
    """How many of our two arguments the handler wants."""
    kinds = inspect.Parameter
    wanted = inspect.signature(handler).parameters.values()
    if any(one.kind is kinds.VAR_POSITIONAL for one in wanted):
        return 2
    return min(2, sum(one.kind in (kinds.POSITIONAL_ONLY, kinds.POSITIONAL_OR_KEYWORD) for one in wanted))


making = threading.Lock()


def loop():
    """One event loop for all async handlers, so that what they share (a pool, a lock) works among them."""
    with making:  # or the first callers would make one each
        return make_loop()


@lru_cache(maxsize=1)
def make_loop():
    made = asyncio.new_event_loop()
    threading.Thread(target=made.run_forever, daemon=True).start()
    return made


def wait_for(awaitable):
    async def whole():
        return await awaitable

    result = asyncio.run_coroutine_threadsafe(whole(), loop()).result()
    return drawn(result) if inspect.isasyncgen(result) else result


def drawn(parts):
    """An async generator as a plain one."""
    try:
        while True:
            try:
                yield wait_for(anext(parts))
            except StopAsyncIteration:
                return
    finally:
        wait_for(parts.aclose())
