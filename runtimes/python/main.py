"""Serves the handler in a folder over HTTP until SIGTERM. Configured by the environment: see README.md."""

from skep_runtime.load import load_handler
from skep_runtime.serve import serve

serve(load_handler)
