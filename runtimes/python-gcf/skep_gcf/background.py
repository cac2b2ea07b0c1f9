"""The events of (data, context) functions are older than CloudEvents; each kind of function takes both, as on Google."""

import re
from datetime import UTC, datetime

pubsub_type = "google.cloud.pubsub.topic.v1.messagePublished"
pubsub_service = "pubsub.googleapis.com"
pubsub_message = "type.googleapis.com/google.pubsub.v1.PubsubMessage"
document = "providers/cloud.firestore/eventTypes/document"
event_types = {
    pubsub_type: "google.pubsub.topic.publish",
    "google.cloud.storage.object.v1.finalized": "google.storage.object.finalize",
    "google.cloud.storage.object.v1.deleted": "google.storage.object.delete",
    "google.cloud.storage.object.v1.archived": "google.storage.object.archive",
    "google.cloud.storage.object.v1.metadataUpdated": "google.storage.object.metadataUpdate",
    "google.cloud.firestore.document.v1.written": f"{document}.write",
    "google.cloud.firestore.document.v1.created": f"{document}.create",
    "google.cloud.firestore.document.v1.updated": f"{document}.update",
    "google.cloud.firestore.document.v1.deleted": f"{document}.delete",
}
cloud_types = {older: cloud for cloud, older in event_types.items()}


class Context:
    def __init__(self, eventId=None, timestamp=None, eventType=None, resource=None, **_):
        self.event_id, self.timestamp, self.event_type, self.resource = eventId, timestamp, eventType, resource

    def __str__(self):
        return str(vars(self))


def background_of(event, body, path):
    """[data, context] of a CloudEvent, of a push of Pub/Sub, or of {context, data}; None if it is none of them."""
    if event:
        return [data_of(event), context_of(event)]
    older = pushed(body, path) or body
    if not isinstance(older, dict) or "data" not in older:
        return None
    return [older["data"], Context(**(older.get("context") or older))]


def data_of(event):
    data = event.get("data")
    if event["type"] != pubsub_type or not isinstance(data, dict) or "message" not in data:
        return data
    message = {name: value for name, value in data["message"].items() if name not in ("messageId", "publishTime")}
    return {"@type": pubsub_message, **message}


def context_of(event):
    kind, source, subject = event["type"], event["source"], event.get("subject")
    resource = source
    found = re.fullmatch("//([^/]+)/(.+)", source)
    if kind in event_types and found:
        service, place = found.groups()
        resource = f"{place}/{subject}" if subject else place
        if kind == pubsub_type:
            resource = {"service": service, "name": resource, "type": pubsub_message}
        elif ".storage." in kind:
            resource = {"service": service, "name": resource, "type": event["data"].get("kind")}
    return Context(event["id"], event.get("time"), event_types.get(kind, kind), resource)


def cloud_event_from(body, path):
    """The attributes and the data of what came in an older way, or None."""
    older = pushed(body, path) or body
    if not isinstance(older, dict) or "data" not in older or "eventType" not in (older.get("context") or {}):
        return None
    context, data = older["context"], older["data"]
    kind = cloud_types.get(context["eventType"], context["eventType"])
    event = {"specversion": "1.0", "id": context.get("eventId"), "time": context.get("timestamp"), "type": kind}
    resource = context.get("resource") or ""
    name, service = (resource["name"], resource.get("service")) if isinstance(resource, dict) else (resource, None)
    if kind == pubsub_type:
        data = {"message": {**data, "messageId": event["id"], "publishTime": event["time"]}}
    elif kind in event_types and (divided := re.fullmatch("(.+?)/((?:objects|documents)/.+)", name)):
        name, event["subject"] = divided.groups()
        service = service or "firestore.googleapis.com"
    source = f"//{service}/{name}" if service else name
    return {**event, "datacontenttype": "application/json", "source": source, "data": data}


def pushed(body, path):
    """What a subscription of Pub/Sub pushes, as {context, data}; its topic is in the path."""
    message = body.get("message") if isinstance(body, dict) and "subscription" in body else None
    if not isinstance(message, dict) or "messageId" not in message:
        return None
    topic = re.search("projects/[^/]+/topics/[^/]+", path)
    resource = {"service": pubsub_service, "name": topic[0] if topic else "", "type": pubsub_message}
    published = message.get("publishTime") or datetime.now(UTC).isoformat()
    kind = event_types[pubsub_type]
    return {
        "context": {"eventId": message["messageId"], "timestamp": published, "eventType": kind, "resource": resource},
        "data": {"@type": pubsub_message, "data": message.get("data"), "attributes": message.get("attributes", {})},
    }
