import { hostname } from 'node:os'

const {
  OPENFAAS_NAME: deployedName = 'function',
  AWS_LAMBDA_FUNCTION_NAME: functionName = deployedName,
  AWS_LAMBDA_FUNCTION_VERSION: functionVersion = '$LATEST',
  AWS_LAMBDA_FUNCTION_MEMORY_SIZE: memoryLimitInMB = '128',
  AWS_LAMBDA_FUNCTION_TIMEOUT: timeoutSeconds = '60',
} = process.env

/** What a Lambda handler is told of its invocation. `settle(error, value)` is for those that still call back through it. */
export function contextOf(requestId, settle) {
  const deadline = Date.now() + Number(timeoutSeconds) * 1000
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionName,
    functionVersion,
    memoryLimitInMB,
    invokedFunctionArn: `arn:aws:lambda:local:000000000000:function:${functionName}`,
    logGroupName: `/aws/lambda/${functionName}`,
    logStreamName: hostname(),
    awsRequestId: requestId,
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
    done: settle,
    succeed: (value) => settle(null, value),
    fail: (error) => settle(error ?? new Error('The handler failed without saying why.')),
  }
}
