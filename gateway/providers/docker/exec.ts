import type { Engine } from '../engine/client.ts'

/** Runs a program in a container. One that takes too long goes on there: the engine has no way to end it. */
export async function execIn(
  engine: Engine,
  container: string,
  { command, timeoutMs }: { command: readonly string[]; timeoutMs: number },
): Promise<number> {
  const options = { Cmd: [...command], AttachStdout: true, AttachStderr: true }
  const { id } = await engine.ask((docker) => docker.getContainer(container).exec(options))
  const output = await engine.ask((docker) => docker.getExec(id).start({}))
  const tooLong = new Error(`${command[0]} took longer than ${timeoutMs} ms`)
  const timer = setTimeout(() => output.destroy(tooLong), timeoutMs)
  try {
    for await (const _ of output); // its end is the program's
  } finally {
    clearTimeout(timer)
  }
  const { ExitCode } = await engine.ask((docker) => docker.getExec(id).inspect())
  return ExitCode ?? 0
}
