"""A request as API Gateway's HTTP APIs and function URLs tell it: payload format 2.0."""

import base64
import re
import time
import uuid

from skep_runtime.event import parse_form

textual = re.compile(r"^text/|[/+](json|xml)|javascript|x-www-form-urlencoded")


def no_route(_method, _path):
    return None, None


def http_event(request, raw, route_of=no_route):
    headers = headers_of(request)
    cookies = headers.pop("cookie", None)
    route, parameters = route_of(request.method, request.path)
    key = route.key if route else "$default"
    event = {
        "version": "2.0",
        "routeKey": key,
        "rawPath": request.path,
        "rawQueryString": request.query,
        "headers": headers,
        "requestContext": {**context_of(request, headers["host"]), "routeKey": key},
        "isBase64Encoded": bool(raw) and not textual.search(headers.get("content-type", "text/plain")),
    }
    if parameters:
        event["pathParameters"] = parameters
    if cookies:
        event["cookies"] = re.split(r";\s*", cookies)
    if request.query:
        fields = parse_form(request.query).items()
        event["queryStringParameters"] = {name: joined(value) for name, value in fields}
    if raw:
        event["body"] = base64.b64encode(raw).decode() if event["isBase64Encoded"] else raw.decode("utf-8", "replace")
    return event


def headers_of(request):
    """A gateway asks its replicas by their own address; which one the caller asked is beside it."""
    headers = request.headers
    return {**headers, "host": headers.get("x-forwarded-host") or headers.get("host", "localhost")}


def joined(value):
    return ",".join(value) if isinstance(value, list) else value


def context_of(request, domain):
    now = time.time()
    headers = request.headers
    return {
        "accountId": "anonymous",
        "apiId": "skep",
        "domainName": domain,
        "domainPrefix": domain.split(".")[0],
        "http": {
            "method": request.method,
            "path": request.path,
            "protocol": "HTTP/1.0" if request.is_old else "HTTP/1.1",
            "sourceIp": headers.get("x-forwarded-for", "").split(",")[0].strip(),
            "userAgent": headers.get("user-agent", ""),
        },
        "requestId": headers.get("x-call-id") or str(uuid.uuid4()),
        "stage": "$default",
        "time": time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime(now)),
        "timeEpoch": int(now * 1000),
    }
