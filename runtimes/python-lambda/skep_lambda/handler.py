"""Calls a Lambda handler and maps its result back."""

import base64
import json
import os
import platform
import time

from skep_runtime.load import LoadError, load_module


class Context:
    """What a Lambda handler is told of its invocation."""

    function_name = os.environ.get("AWS_LAMBDA_FUNCTION_NAME") or os.environ.get("OPENFAAS_NAME") or "function"
    function_version = os.environ.get("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
    memory_limit_in_mb = os.environ.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128")
    invoked_function_arn = f"arn:aws:lambda:local:000000000000:function:{function_name}"
    log_group_name = f"/aws/lambda/{function_name}"
    log_stream_name = platform.node()
    identity = None
    client_context = None

    def __init__(self, request_id):
        self.aws_request_id = request_id
        self._deadline = time.monotonic() + float(os.environ.get("AWS_LAMBDA_FUNCTION_TIMEOUT", "60"))

    def get_remaining_time_in_millis(self):
        return max(0, int((self._deadline - time.monotonic()) * 1000))


def load_lambda(folder):
    """`_HANDLER` (or `HANDLER`) is `file.function`, as in Lambda's settings."""
    wanted = os.environ.get("_HANDLER") or os.environ.get("HANDLER") or "lambda_function.lambda_handler"
    file, _, name = wanted.rpartition(".")
    handler = getattr(load_module(folder, [file + ".py"]), name, None)
    if not callable(handler):
        raise LoadError(f'{file}.py has no function "{name}"; _HANDLER is "{wanted}".')
    return lambda event: answer_of(handler(event, Context(event["requestContext"]["requestId"])))


def answer_of(result):
    """What a function URL makes of it: a dict with a statusCode is an answer, everything else is its body."""
    if not (isinstance(result, dict) and "statusCode" in result):
        result = {"statusCode": 200, "body": result if isinstance(result, str) else json.dumps(result)}
    body = result.get("body")
    headers = {**(result.get("headers") or {}), **(result.get("multiValueHeaders") or {})}
    if body is not None and not any(name.lower() == "content-type" for name in headers):
        headers["Content-Type"] = "application/json"
    if result.get("cookies"):
        headers["Set-Cookie"] = result["cookies"]
    if result.get("isBase64Encoded"):
        body = base64.b64decode(body or "")
    return {"statusCode": int(result["statusCode"]), "headers": headers, "body": body}
