"""Serves AWS Lambda handlers as they are: see README.md."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "python"))

from skep_lambda.event import http_event  # noqa: E402
from skep_lambda.handler import load_lambda  # noqa: E402
from skep_runtime.serve import serve  # noqa: E402

serve(load_lambda, http_event)
