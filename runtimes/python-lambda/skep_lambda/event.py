"""A request as API Gateway's HTTP APIs and function URLs tell it: payload format 2.0."""

import base64
import re
import time
import uuid

from skep_runtime.event import Headers, parse_form

textual = re.compile(r"^text/|[/+](json|xml)|javascript|x-www-form-urlencoded")


class LambdaEvent(dict):
    """The event itself; `headers` is what the runtime looks at."""

    @property
    def headers(self):
        return Headers(self["headers"])


def http_event(request, raw):
    headers = dict(request.headers)
    cookies = headers.pop("cookie", None)
    event = LambdaEvent(
        version="2.0",
        routeKey="$default",
        rawPath=request.path,
        rawQueryString=request.query,
        headers=headers,
        requestContext=context_of(request),
        isBase64Encoded=bool(raw) and not textual.search(headers.get("content-type", "text/plain")),
    )
    if cookies:
        event["cookies"] = re.split(r";\s*", cookies)
    if request.query:
        fields = parse_form(request.query).items()
        event["queryStringParameters"] = {name: joined(value) for name, value in fields}
    if raw:
        event["body"] = base64.b64encode(raw).decode() if event["isBase64Encoded"] else raw.decode("utf-8", "replace")
    return event


def joined(value):
    return ",".join(value) if isinstance(value, list) else value


def context_of(request):
    now = time.time()
    headers = request.headers
    domain = headers.get("host", "localhost")
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
        "routeKey": "$default",
        "stage": "$default",
        "time": time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime(now)),
        "timeEpoch": int(now * 1000),
    }
