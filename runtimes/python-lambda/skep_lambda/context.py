"""What a Lambda handler is told of its invocation."""

import sys
import time


class Identity:
    cognito_identity_id = None
    cognito_identity_pool_id = None


class Context:
    client_context = None
    identity = Identity()

    def __init__(self, request_id, settings, seconds):
        vars(self).update(settings)
        self.aws_request_id = request_id
        self._deadline = time.monotonic() + seconds

    def get_remaining_time_in_millis(self):
        return max(0, int((self._deadline - time.monotonic()) * 1000))

    def log(self, message):
        sys.stdout.write(str(message))


def context_maker(environment):
    """Reads the environment once."""
    name, region = environment["AWS_LAMBDA_FUNCTION_NAME"], environment["AWS_REGION"]
    seconds = float(environment.get("AWS_LAMBDA_FUNCTION_TIMEOUT") or 60)
    settings = {
        "function_name": name,
        "function_version": environment["AWS_LAMBDA_FUNCTION_VERSION"],
        "memory_limit_in_mb": environment["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"],
        "log_group_name": environment["AWS_LAMBDA_LOG_GROUP_NAME"],
        "log_stream_name": environment["AWS_LAMBDA_LOG_STREAM_NAME"],
        "invoked_function_arn": f"arn:aws:lambda:{region}:000000000000:function:{name}",
    }
    return lambda request_id: Context(request_id, settings, seconds)
