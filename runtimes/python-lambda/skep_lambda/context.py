"""What a Lambda handler is told of its invocation."""

import os
import sys
import time


class Identity:
    cognito_identity_id = None
    cognito_identity_pool_id = None


class Context:
    client_context = None
    identity = Identity()

    def __init__(self, request_id):
        environment = os.environ
        self.aws_request_id = request_id
        self.function_name = environment["AWS_LAMBDA_FUNCTION_NAME"]
        self.function_version = environment["AWS_LAMBDA_FUNCTION_VERSION"]
        self.memory_limit_in_mb = environment["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]
        self.log_group_name = environment["AWS_LAMBDA_LOG_GROUP_NAME"]
        self.log_stream_name = environment["AWS_LAMBDA_LOG_STREAM_NAME"]
        self.invoked_function_arn = (
            f"arn:aws:lambda:{environment['AWS_REGION']}:000000000000:function:{self.function_name}"
        )
        self._deadline = time.monotonic() + float(environment.get("AWS_LAMBDA_FUNCTION_TIMEOUT", "60"))

    def get_remaining_time_in_millis(self):
        return max(0, int((self._deadline - time.monotonic()) * 1000))

    def log(self, message):
        sys.stdout.write(str(message))
