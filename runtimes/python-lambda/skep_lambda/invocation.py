"""What `LAMBDA_EVENT` chooses: how a request becomes an event, and a result an answer."""

import json
import os
import uuid

from skep_runtime.event import BadBody
from skep_runtime.load import LoadError

from .answer import answer_of, payload_of
from .event import http_event
from .event_v1 import rest_event
from .routes import routes_of


class Invocation:
    """`headers` is what the runtime looks at."""

    def __init__(self, request, event):
        self.headers = request.headers
        self.event = event
        context = event.get("requestContext") if isinstance(event, dict) else None
        self.id = (context or {}).get("requestId") or self.headers.get("x-call-id") or str(uuid.uuid4())


def payload(_request, raw, _route_of):
    """The body itself, as whoever invokes a function without HTTP sends it."""
    try:
        return json.loads(raw) if raw else {}
    except ValueError as error:
        raise BadBody(f"The event is not JSON: {error}") from None


kinds = {"v2": (http_event, answer_of), "v1": (rest_event, answer_of), "body": (payload, payload_of)}


def kind_of_event():
    name = os.environ.get("LAMBDA_EVENT") or "v2"
    if name not in kinds:
        raise LoadError(f'LAMBDA_EVENT is "{name}"; it can be {", ".join(kinds)}.')
    make, answer = kinds[name]
    route_of = routes_of(os.environ.get("LAMBDA_ROUTES", ""))
    return lambda request, raw: Invocation(request, make(request, raw, route_of)), answer
