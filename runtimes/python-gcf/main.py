"""Serves functions written for Google Cloud Functions as they are: see README.md."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "python"))

from skep_gcf.function import load_function  # noqa: E402
from skep_gcf.request import Request  # noqa: E402
from skep_runtime.serve import serve  # noqa: E402

serve(load_function, Request)
