"""Stands in for functions_framework: what a source registers here is served by this runtime."""

registered = {}


def http(function):
    registered[function.__name__] = ("http", function)
    return function


def cloud_event(function):
    registered[function.__name__] = ("cloudevent", function)
    return function
