"""A request as API Gateway's REST APIs tell it, and its HTTP APIs in payload format 1.0."""

from urllib.parse import parse_qsl

from skep_runtime.event import Headers

from .event import body_of, context_of, headers_of, is_form, is_textual


class TitledHeaders(Headers):
    """Names as callers usually write them, and asked for in any case."""

    key = staticmethod(str.title)


def rest_event(request, raw, route_of):
    path, method = request.path, request.method
    route, parameters = route_of(method, path)
    resource = route.resource if route else "/{proxy+}" if path != "/" else "/"
    if resource == "/{proxy+}":
        parameters = {"proxy": path[1:]}
    told = headers_of(request)
    headers = TitledHeaders((name.title(), value) for name, value in told.items())
    query = {}
    for name, value in parse_qsl(request.query, keep_blank_values=True):
        query.setdefault(name, []).append(value)
    return {
        "version": "1.0",
        "resource": resource,
        "path": path,
        "httpMethod": method,
        "headers": headers,
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "queryStringParameters": {name: values[-1] for name, values in query.items()} or None,
        "multiValueQueryStringParameters": query or None,
        "pathParameters": parameters or None,
        "stageVariables": None,
        "requestContext": {"resourcePath": resource, **rest_context(context_of(request, told["host"]))},
        "body": None,
        **body_of(raw, is_textual(request) or is_form(request)),
    }


def rest_context(context):
    http = context["http"]
    same = ("accountId", "apiId", "domainName", "domainPrefix", "requestId", "stage")
    return {
        **{name: context[name] for name in same},
        "extendedRequestId": context["requestId"],
        "httpMethod": http["method"],
        "identity": {"sourceIp": http["sourceIp"], "userAgent": http["userAgent"]},
        "path": http["path"],
        "protocol": http["protocol"],
        "requestTime": context["time"],
        "requestTimeEpoch": context["timeEpoch"],
    }
