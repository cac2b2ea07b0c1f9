import { Agent, request } from 'node:http'

export interface Load {
  /** Answers with status 200 so far. */
  readonly answered: number
  /** What was wrong with the others. */
  readonly failed: readonly string[]
  /** No further calls; resolves when the last one has been answered. */
  stop(): Promise<void>
}

/** So many callers who call again as soon as they have their answer. */
export function startLoad(url: string, callers: number): Load {
  const agent = new Agent({ keepAlive: true, maxSockets: callers })
  const failed: string[] = []
  let answered = 0
  let stopping = false
  const caller = async (): Promise<void> => {
    while (!stopping) {
      const problem = await post(url, agent)
      if (problem === undefined) answered++
      else failed.push(problem)
    }
  }
  const all = Promise.all(Array.from({ length: callers }, caller))
  return {
    failed,
    get answered() {
      return answered
    },
    async stop() {
      stopping = true
      await all
      agent.destroy()
    },
  }
}

/** A POST, because nobody may repeat it; resolves with what went wrong. */
function post(url: string, agent: Agent): Promise<string | undefined> {
  return new Promise((resolve) => {
    const call = request(url, { method: 'POST', agent }, (answer) => {
      let text = ''
      answer.on('data', (chunk: Buffer) => (text += chunk.toString()))
      answer.on('end', () => resolve(answer.statusCode === 200 ? undefined : `${answer.statusCode} ${text}`))
      answer.on('error', (error) => resolve(error.message))
    })
    call.on('error', (error) => resolve(error.message))
    call.end('hello')
  })
}
