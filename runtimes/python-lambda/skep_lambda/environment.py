"""What every function finds in Lambda: its folder as working directory, and these variables. One that is set stays."""

import os
import platform
import sys
import time


def enter(folder, handler):
    region = os.environ.get("AWS_REGION") or "us-east-1"
    name = os.environ.get("AWS_LAMBDA_FUNCTION_NAME") or os.environ.get("OPENFAAS_NAME") or "function"
    variables = {
        "_HANDLER": handler,
        "LAMBDA_TASK_ROOT": folder,
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        "AWS_EXECUTION_ENV": f"AWS_Lambda_python3.{sys.version_info.minor}",
        "AWS_LAMBDA_FUNCTION_NAME": name,
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128",
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{name}",
        "AWS_LAMBDA_LOG_STREAM_NAME": platform.node(),
        "TZ": "UTC",
    }
    for variable, value in variables.items():
        os.environ[variable] = os.environ.get(variable) or value
    time.tzset()
    os.chdir(folder)
