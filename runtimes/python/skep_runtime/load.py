"""Finds the handler's function. What goes wrong is a LoadError whose message a person can act on."""

import importlib.util
import os
import sys
import traceback


class LoadError(Exception):
    pass


def load_handler(folder):
    module = load_module(folder, ["handler.py"])
    for name in ("handle", "handler"):
        if callable(getattr(module, name, None)):
            return getattr(module, name)
    raise LoadError('handler.py has no function "handle". Write: def handle(event, context): return "an answer"')


def load_module(folder, names):
    """Imports the first of these files that is there, under its own name, as `import` in another file would."""
    name = next((name for name in names if os.path.isfile(os.path.join(folder, name))), None)
    if name is None:
        raise LoadError(f"There is no handler in {folder}: looked for {', '.join(names)}.")
    # Packages lie in the folder when they were installed there, and beside it in an image.
    sys.path[:0] = [folder, os.path.join(folder, "packages"), os.path.join(os.path.dirname(folder), "packages")]
    dotted = name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    if dotted == "__main__":  # which is the runtime: what a source has for being started itself is not for here
        dotted = "main__"
    # A source at the top may say `from .other import` when there is a place to look for its submodules.
    places = None if "/" in name else [folder]
    file = os.path.join(folder, name)
    spec = importlib.util.spec_from_file_location(dotted, file, submodule_search_locations=places)
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        raise LoadError(f"{place_of(error, folder) or name}: {type(error).__name__}: {error}") from error
    return module


def place_of(error, folder):
    """`handler.py:3`, the last line of the user's own code that had a part in it."""
    frames = [(frame.filename, frame.lineno) for frame in traceback.extract_tb(error.__traceback__)]
    if isinstance(error, SyntaxError):
        frames.append((error.filename or "", error.lineno))
    own = [(file, line) for file, line in frames if file.startswith(folder + os.sep)]
    return f"{os.path.relpath(own[-1][0], folder)}:{own[-1][1]}" if own else None
