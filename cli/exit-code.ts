/** Ends a command with this exit code when it has printed everything that there is to say. */
export class ExitCode extends Error {
  override readonly name = 'ExitCode'
  readonly code: number

  constructor(code: number) {
    super(`exit code ${code}`)
    this.code = code
  }
}
