"""Calls a function of a CloudEvent, or of (data, context), the older way. What it returns is not the caller's."""

import json
from urllib.parse import unquote

from skep_runtime.answer import error_answer

from .background import background_of, cloud_event_from

not_one = "This is no event: no CloudEvent, which has ce-id, ce-source and ce-type, nor {context, data}."


def event_caller(signature, function):
    from cloudevents.http import CloudEvent  # the real one, if it is installed beside the function

    def call(request):
        if request.method != "POST":
            return {"statusCode": 405, "headers": {"Allow": "POST"}}
        body = parsed(request.data)
        event = cloud_event_of(request.headers, body)
        if signature == "cloudevent":
            event = event or cloud_event_from(body, request.path)
            given = event and [CloudEvent({name: event[name] for name in event if name != "data"}, event.get("data"))]
        else:
            given = background_of(event, body, request.path)
        if not given:
            return error_answer(400, not_one)
        function(*given)
        return {"statusCode": 204}

    return call


def parsed(raw):
    """JSON whatever the content type says, as in Google's framework; other text; else bytes."""
    try:
        text = raw.decode()
        return json.loads(text)
    except UnicodeDecodeError:
        return raw
    except ValueError:
        return text


def cloud_event_of(headers, body):
    """In binary mode the attributes are headers, in structured mode the body has them all."""
    if isinstance(body, dict) and {"specversion", "type", "source", "id"} <= body.keys():
        return body
    if not all(name in headers for name in ("ce-id", "ce-source", "ce-type")):
        return None
    attributes = {name[3:]: unquote(value) for name, value in headers.items() if name.startswith("ce-")}
    kind = {"datacontenttype": headers["content-type"]} if "content-type" in headers else {}
    return {"specversion": "1.0", **attributes, **kind, "data": body}
