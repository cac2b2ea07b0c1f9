import { expect, it } from 'vitest'
import type { CliResult } from '../helpers/cli.ts'
import { useOwnGateway } from '../helpers/own-gateway.ts'

const own = useOwnGateway()
const { folder, skep } = own

/** Without the password of the gateway on this machine. */
const stranger = (...args: string[]): Promise<CliResult> =>
  folder.skep(args, { env: { OPENFAAS_URL: own.gateway.url, SKEP_DATA: folder.path } })

it('skep token makes a login for programs, which outlives the gateway and ends when it is revoked', async () => {
  const token = (await skep('token', 'create', 'ci', '--read-only', '--expires', '720h')).stdout.trim()
  expect(token).toMatch(/^skep_[\w-]{43}$/)
  expect((await skep('token')).stdout).toMatch(/^ci +read +\S+Z +\S+Z$/m)
  await own.gateway.kill('SIGKILL')
  await own.gateway.startAgain()
  expect(await stranger('list')).toMatchObject({ code: 1 })
  expect(await stranger('list', '--token', token)).toMatchObject({ code: 0 })
  expect((await stranger('remove', 'x', '--token', token)).stderr).toContain('may only read')
  expect((await skep('token', 'revoke', 'ci')).stdout).toBe('ci: revoked\n')
  expect(await stranger('list', '--token', token)).toMatchObject({ code: 1 })
})
