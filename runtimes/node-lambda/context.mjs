/** Makes what a Lambda handler is told of its invocation; the environment is read once. */
export function contextMaker({
  AWS_REGION: region,
  AWS_LAMBDA_FUNCTION_NAME: functionName,
  AWS_LAMBDA_FUNCTION_VERSION: functionVersion,
  AWS_LAMBDA_FUNCTION_MEMORY_SIZE: memoryLimitInMB,
  AWS_LAMBDA_FUNCTION_TIMEOUT: timeoutSeconds = '60',
  AWS_LAMBDA_LOG_GROUP_NAME: logGroupName,
  AWS_LAMBDA_LOG_STREAM_NAME: logStreamName,
}) {
  const invokedFunctionArn = `arn:aws:lambda:${region}:000000000000:function:${functionName}`
  const timeoutMs = Number(timeoutSeconds) * 1000

  /** `settle(error, value)` is for handlers that still call back through it. */
  return (awsRequestId, settle) => {
    const deadline = Date.now() + timeoutMs
    return {
      callbackWaitsForEmptyEventLoop: true,
      ...{ functionName, functionVersion, memoryLimitInMB, invokedFunctionArn, logGroupName, logStreamName },
      awsRequestId,
      getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
      done: settle,
      succeed: (value) => settle(null, value),
      fail: (error) => settle(error ?? new Error('The handler failed without saying why.')),
    }
  }
}
