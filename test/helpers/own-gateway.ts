import { afterAll, beforeAll } from 'vitest'
import { cliFolder, type CliFolder, type CliResult } from './cli.ts'
import { TestGateway } from './gateway.ts'

export interface OwnGateway {
  /** There from `beforeAll` on. */
  readonly gateway: TestGateway
  readonly folder: CliFolder
  /** The CLI of the user whose gateway it is, so without a login. */
  readonly skep: (...args: readonly string[]) => Promise<CliResult>
  /** The same with something on stdin. */
  readonly typed: (input: string, ...args: readonly string[]) => Promise<CliResult>
  readonly env: () => Readonly<Record<string, string>>
}

/** A gateway that runs folders, and a folder to call it from, for the tests of a file or of one `describe`. */
export function useOwnGateway(): OwnGateway {
  let gateway: TestGateway
  const folder = cliFolder()
  const env = () => ({ OPENFAAS_URL: gateway.url, SKEP_DATA: gateway.dataDir })
  const typed = (input: string, ...args: readonly string[]) => folder.skep(args, { env: env(), input })
  const skep = (...args: readonly string[]) => typed('', ...args)
  beforeAll(async () => {
    gateway = await TestGateway.start({ SKEP_PROVIDER: 'process' })
  })
  afterAll(async () => {
    // Replicas outlive their gateway.
    const { stdout } = await skep('list', '-q')
    for (const name of stdout.split('\n').filter(Boolean)) await skep('remove', name)
    await gateway.stop()
    folder.remove()
  })
  return {
    get gateway() {
      return gateway
    },
    folder,
    skep,
    typed,
    env,
  }
}
