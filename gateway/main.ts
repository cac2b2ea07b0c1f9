import { readConfig } from './config.ts'
import { messageOf } from './core/errors.ts'
import { startGateway } from './gateway.ts'
import { tidyAtRest } from './rest.ts'
import { jsonLog } from './telemetry/log.ts'

async function main(): Promise<void> {
  const config = readConfig()
  const log = jsonLog(config.logLevel)
  const stop = await startGateway(config, log)
  tidyAtRest()
  let stopping = false
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      // The second signal is from someone who does not want to wait.
      if (stopping) process.exit(1)
      stopping = true
      stop().then(
        () => process.exit(0),
        (error: unknown) => {
          log.error('stopping failed', { error: messageOf(error) })
          process.exit(1)
        },
      )
    })
  }
}

if (import.meta.main) {
  main().catch((error: unknown) => {
    process.stderr.write(`skep: ${messageOf(error)}\n`)
    process.exit(2)
  })
}
