import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { asSkepError, SkepError } from '../gateway/core/errors.ts'
import type { Context } from './context.ts'
import { freePort, startDemoGateway, type DemoGateway } from './demo-gateway.ts'
import { readEnv } from './env.ts'
import { bodyOf, request } from './http-request.ts'
import { outputTo } from './output.ts'
import { run } from './program.ts'

// `npm run demo`: a gateway on this machine with the two functions of stack.yml, until Ctrl-C.
// `npm run demo -- --once`: the same, stopped after the first call.

const usualPort = 8080
const env = readEnv()
const dataFolder = join(env.dataFolder, 'demo')
const context: Context = {
  // Its own password, whatever logins there are.
  env: { ...env, dataFolder, configFolder: dataFolder, gateway: undefined },
  cwd: fileURLToPath(new URL('..', import.meta.url)),
  input: process.stdin,
  out: outputTo(process.stdout, process.stderr, env.colours),
}
const { print } = context.out

await demo(process.argv.includes('--once')).catch((error: unknown) => {
  context.out.fail(asSkepError(error))
  process.exitCode = 1
})

async function demo(stopsAfterCall: boolean): Promise<void> {
  const interrupted = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve())
  })
  const port = await freePort(usualPort)
  if (port !== usualPort) print(`Port ${usualPort} is taken on this machine, so this gateway listens on ${port}.`)
  print(`Starting a gateway; its data and its log are in ${dataFolder} …`)
  const gateway = await startDemoGateway(env, dataFolder, port)
  try {
    await skep('deploy', '-f', 'stack.yml', '--gateway', gateway.url)
    await call(`${gateway.url}/function/hello?name=Maja`)
    if (stopsAfterCall) return
    explain(gateway, port)
    await Promise.race([interrupted, gateway.ended.then(() => Promise.reject(endedByItself()))])
  } finally {
    print('\nStopping …')
    if (gateway.isRunning()) await run(['remove', '-f', 'stack.yml', '--gateway', gateway.url], context)
    await gateway.stop()
  }
}

/** Shows the command that a user would type, and runs it. */
async function skep(...words: string[]): Promise<void> {
  print(`\n$ skep ${words.join(' ')}`)
  const code = await run(words, context)
  if (code !== 0) throw new SkepError('internal', 'The demo cannot go on.', { hint: seeLog })
}

async function call(url: string): Promise<void> {
  print(`\n$ curl '${url}'`)
  const answer = await request(url)
  const body = await bodyOf(answer)
  print(body.trimEnd())
  if (answer.statusCode === 200) return
  throw new SkepError('upstream_failed', `The function answered ${answer.statusCode}.`, { hint: seeLog })
}

function explain({ url, password }: DemoGateway, port: number): void {
  print(`
The gateway listens on ${url}
The password of "admin" is ${password}

Try next, in another terminal in this folder:

  ${port === usualPort ? '' : `export OPENFAAS_URL=${url}\n  `}npm run -s skep -- login --password-stdin < ${join(dataFolder, 'password')}
  npm run -s skep -- list
  curl -N '${url}/function/clock?ticks=3'

Edit templates/node/examples/hello/handler.js, then:

  npm run -s skep -- up --filter hello

Ctrl-C stops everything.`)
}

const seeLog = `See ${join(dataFolder, 'gateway.log')}.`

const endedByItself = () => new SkepError('internal', 'The gateway ended by itself.', { hint: seeLog })
