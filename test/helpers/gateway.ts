import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { inside } from '../lab/namespace.ts'

const main = fileURLToPath(new URL('../../gateway/main.ts', import.meta.url))

/** A real gateway in a process and a data folder of its own. */
export class TestGateway {
  readonly dataDir: string
  readonly #settings: Readonly<Record<string, string>>
  readonly #namespace: string | undefined
  #process: ChildProcess | undefined
  #url = ''
  #metricsUrl = ''

  private constructor(dataDir: string, settings: Readonly<Record<string, string>>, namespace?: string) {
    this.dataDir = dataDir
    this.#settings = settings
    this.#namespace = namespace
  }

  /** `namespace`: the network namespace that it shall live in. */
  static async start(settings: Readonly<Record<string, string>> = {}, namespace?: string): Promise<TestGateway> {
    const gateway = new TestGateway(await mkdtemp(join(tmpdir(), 'skep-gateway-')), settings, namespace)
    await gateway.startAgain()
    return gateway
  }

  get url(): string {
    return this.#url
  }

  get metricsUrl(): string {
    return this.#metricsUrl
  }

  get pid(): number {
    return this.#process?.pid ?? 0
  }

  get authorization(): string {
    const password = readFileSync(join(this.dataDir, 'password'), 'utf8').trim()
    return `Basic ${Buffer.from(`admin:${password}`).toString('base64')}`
  }

  /** Starts it after `kill` or `stop`, on the same data; the address is another one. */
  async startAgain(): Promise<void> {
    const free = { SKEP_PORT: '0', SKEP_METRICS_PORT: '0', SKEP_DATA: this.dataDir }
    const { PATH, HOME } = process.env
    const child = spawn(...inside(this.#namespace, [process.execPath, main]), {
      env: { PATH, HOME, ...free, ...this.#settings },
      stdio: ['ignore', 'pipe', process.env['SKEP_TEST_LOG'] ? 'inherit' : 'ignore'],
    })
    this.#process = child
    for await (const line of createInterface({ input: child.stdout })) {
      if (process.env['SKEP_TEST_LOG']) console.log(line)
      const { event, url, metricsUrl } = JSON.parse(line)
      if (event !== 'gateway started') continue
      this.#url = url
      this.#metricsUrl = metricsUrl
      child.stdout.resume()
      return
    }
    throw new Error('The gateway ended before it had started.')
  }

  kill(signal: NodeJS.Signals): Promise<void> {
    return this.#end(signal)
  }

  /** Ends it and forgets its data; what it started in a provider is the test's to remove. */
  async stop(): Promise<void> {
    await this.#end('SIGTERM')
    await rm(this.dataDir, { recursive: true, force: true })
  }

  /** Asks the admin API; throws unless the answer is a good one. */
  async admin(method: string, path: string, body?: unknown): Promise<Response> {
    const answer = await fetch(this.#url + path, {
      method,
      headers: { Authorization: this.authorization },
      body: body === undefined ? null : JSON.stringify(body),
    })
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`)
    return answer
  }

  call(path: string, init: RequestInit = {}): Promise<Response> {
    return fetch(`${this.#url}/function/${path}`, init)
  }

  /** The function's replicas: how many are wanted, and how many answer. */
  async replicas(name: string): Promise<{ replicas: number; availableReplicas: number }> {
    return (await (await this.admin('GET', `/system/function/${name}`)).json()) as never
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#process
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    child.kill(signal)
    await once(child, 'exit')
  }
}
