"""Stands in for functions_framework: what a source registers here is served by this runtime."""

import inspect

registered = {}
error_handlers = []


def http(function):
    registered[function.__name__] = ("http", function)
    return function


def cloud_event(function):
    registered[function.__name__] = ("cloudevent", function)
    return function


def typed(given):
    """With the type of the parameter, or without: `@typed(Greeting)`, `@typed`."""
    if inspect.isfunction(given):
        return typed(next(iter(inspect.signature(given).parameters.values())).annotation)(given)

    def register(function):
        function.given_type = given
        registered[function.__name__] = ("typed", function)
        return function

    return register


def errorhandler(kind):
    """As Flask's: for functions that come with it."""

    def register(handler):
        error_handlers.append((kind, handler))
        return handler

    return register
