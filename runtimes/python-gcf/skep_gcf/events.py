"""Calls a function of a CloudEvent, or of (data, context), the older way."""

from urllib.parse import unquote

not_one = "This is no CloudEvent: it has no ce-id, ce-source and ce-type."


class CloudEvent(dict):
    """Attributes by name, and `data`."""

    def __init__(self, attributes, data):
        super().__init__(attributes)
        self.data = data


class EventContext:
    def __init__(self, event):
        self.event_id, self.timestamp = event.get("id"), event.get("time")
        self.event_type, self.resource = event.get("type"), event.get("source")


def event_caller(signature, function):
    def call(request):
        if request.method != "POST":
            return {"statusCode": 405, "headers": {"Allow": "POST"}}
        event = cloud_event_of(request)
        if event is None:
            return {"statusCode": 400, "body": {"error": not_one}}
        function(event) if signature == "cloudevent" else function(event.data, EventContext(event))
        return {"statusCode": 204}

    return call


def cloud_event_of(request):
    """
    In binary mode the attributes are headers, in structured mode the body has them all. The old form is {context, data}.
    """
    headers, body = request.headers, request.body
    if headers.get("content-type", "").startswith("application/cloudevents+json"):
        return CloudEvent({name: value for name, value in body.items() if name != "data"}, body.get("data"))
    if isinstance(body, dict) and "data" in body and "eventType" in body.get("context", {}):
        old = body["context"]
        named = {"id": "eventId", "time": "timestamp", "type": "eventType", "source": "resource"}
        return CloudEvent({new: old.get(name) for new, name in named.items()}, body["data"])
    if not all(name in headers for name in ("ce-id", "ce-source", "ce-type")):
        return None
    return CloudEvent({name[3:]: unquote(value) for name, value in headers.items() if name.startswith("ce-")}, body)
