"""The root logger writes each line with the id of its call, before the handler's module is loaded: so Lambda has it."""

import logging
import sys
import time
from contextvars import ContextVar

request_id = ContextVar("request_id", default="")

layout = "[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(aws_request_id)s\t%(message)s"


def set_up():
    formatter = logging.Formatter(layout, "%Y-%m-%dT%H:%M:%S")
    formatter.converter = time.gmtime
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(formatter)
    handler.addFilter(stamp)
    logging.getLogger().addHandler(handler)


def stamp(record):
    record.aws_request_id = request_id.get()
    return True
