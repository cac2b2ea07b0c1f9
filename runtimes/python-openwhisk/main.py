"""Serves OpenWhisk actions as they are: see README.md."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "python"))

from skep_openwhisk.action import RawEvent, load_action  # noqa: E402
from skep_runtime.serve import serve  # noqa: E402

serve(load_action, RawEvent)
