"""Serves AWS Lambda handlers as they are: see README.md."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "python"))

from skep_lambda.handler import load_lambda  # noqa: E402
from skep_lambda.invocation import kind_of_event  # noqa: E402
from skep_runtime.serve import serve  # noqa: E402


class Kind:
    """What the settings choose; a mistake in them is why the handler cannot load."""

    def load(self, folder):
        self.event_of, answer_of = kind_of_event()
        return load_lambda(folder, answer_of)


kind = Kind()
serve(kind.load, lambda request, raw: kind.event_of(request, raw))
