"""A request as API Gateway's HTTP APIs and function URLs tell it: payload format 2.0."""

import base64
import re
import time
import uuid

from skep_runtime.event import parse_form

textual = re.compile(r"^text/|[/+](json|xml)|javascript")
fields = re.compile(rb'[^\s"{}=]+=[^\s"{}]*')


def http_event(request, raw, route_of):
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
        # A form comes as base64. What only curl calls one, because nobody told it better, is left as text.
        **body_of(raw, is_textual(request) or (is_form(request) and not fields.fullmatch(raw[:1000]))),
    }
    if parameters:
        event["pathParameters"] = parameters
    if cookies:
        event["cookies"] = re.split(r";\s*", cookies)
    if request.query:
        query = parse_form(request.query)
        event["queryStringParameters"] = {name: joined(value) for name, value in query.items()}
    return event


def is_textual(request):
    return bool(textual.search(request.headers.get("content-type", "text/plain")))


def is_form(request):
    return request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded")


def body_of(raw, is_text):
    if not raw:
        return {"isBase64Encoded": False}
    body = raw.decode("utf-8", "replace") if is_text else base64.b64encode(raw).decode()
    return {"body": body, "isBase64Encoded": not is_text}


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
