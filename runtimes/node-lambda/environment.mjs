import { hostname } from 'node:os'

/** What every function finds in Lambda: its folder as working directory, and these variables. One that is set stays. */
export function enter(folder, handler) {
  const { OPENFAAS_NAME: name = 'function', AWS_REGION: region = 'us-east-1' } = process.env
  const { AWS_LAMBDA_FUNCTION_NAME: functionName = name } = process.env
  const variables = {
    _HANDLER: handler,
    LAMBDA_TASK_ROOT: folder,
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_EXECUTION_ENV: `AWS_Lambda_nodejs${process.versions.node.split('.', 1)[0]}.x`,
    AWS_LAMBDA_FUNCTION_NAME: functionName,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '128',
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${functionName}`,
    AWS_LAMBDA_LOG_STREAM_NAME: hostname(),
    TZ: 'UTC',
  }
  for (const [variable, value] of Object.entries(variables)) process.env[variable] ||= value
  process.chdir(folder)
}
