"""Makes an answer of what a Lambda handler returned."""

import base64
import json
from decimal import Decimal


def answer_of(result):
    """What a function URL makes of it: a dict with a statusCode is an answer, everything else is its body."""
    if not (isinstance(result, dict) and "statusCode" in result):
        result = {"statusCode": 200, "body": result if isinstance(result, (str, bytes)) else as_json(result)}
    body = result.get("body")
    headers = {**(result.get("headers") or {}), **(result.get("multiValueHeaders") or {})}
    if isinstance(body, (dict, list)):
        body = as_json(body)
    if body is not None and not any(name.lower() == "content-type" for name in headers):
        headers["Content-Type"] = "application/json"
    if result.get("cookies"):
        headers["Set-Cookie"] = result["cookies"]
    if result.get("isBase64Encoded"):
        body = base64.b64decode(body or "")
    return {"statusCode": int(result["statusCode"]), "headers": headers, "body": body}


def payload_of(result):
    """What an invocation without HTTP gets: all of the result, a statusCode or not."""
    return {"statusCode": 200, "headers": {"Content-Type": "application/json"}, "body": as_json(result)}


def as_json(value):
    return json.dumps(value, ensure_ascii=False, default=number)


def number(value):
    """DynamoDB's numbers are decimals."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")
