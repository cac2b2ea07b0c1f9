import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterAll, describe, expect, it } from 'vitest'
import { verbs } from '../../cli/commands/index.ts'
import { cliFolder } from '../helpers/cli.ts'

const folder = cliFolder()
afterAll(folder.remove)

describe.concurrent('skep', () => {
  it.each([[[]], [['--help']], [['help']]])('lists every verb for %j', async (args) => {
    const { code, stdout } = await folder.skep(args)
    expect(code).toBe(0)
    for (const { name, summary } of verbs) expect(stdout).toMatch(new RegExp(`${name}\\S* +${summary}`))
  })

  it.each(verbs.map(({ name }) => name))('explains %s with its flags and examples', async (name) => {
    const { code, stdout } = await folder.skep(['help', name])
    expect(code).toBe(0)
    expect(stdout).toMatch(/Options:[^]*Examples:\n {2}\S/)
  })

  it.each([
    [['lsit', '--help'], /^error: Unknown command 'lsit'\.\nhint: Did you mean list\?\n$/],
    [['help', 'lsit'], /^error: Unknown command 'lsit'\.\nhint: Did you mean list\?\n$/],
    [['lsit'], /^error: Unknown command 'lsit'\.\nhint: Did you mean list\?\n$/],
    [
      ['generate', '--api', 'x'],
      /^error: Skep has no "generate", which faas-cli has\.\nhint: It makes manifests for Kubernetes/,
    ],
    [['template', 'pul'], /^error: Unknown command 'pul'\.\nhint: Did you mean pull\?\n$/],
    [['list', '--jsn'], /^error: Unknown option '--jsn'\.\nhint: Did you mean --json\?\n$/],
    [['describe'], /^error: Missing required argument 'name'\.\nhint: See "skep describe --help"\.\n$/],
    [['list', 'one', 'two'], /^error: Too many arguments for 'list'\. Expected 0 arguments but got 2\.\nhint: /],
    [['async', 'list', 'x'], /\nhint: See "skep async list --help"\.\n$/],
    [['list', '--sort', 'size'], /Allowed choices are name, invocations, creation/],
    [['scale', 'hello', 'many'], /Use a whole number/],
    [['deploy', '--timeout', 'soon'], /Use a duration such as 30s/],
    [['deploy', '-f', 'none.yml'], /^error: The file none\.yml cannot be read\.\nhint: /],
    [['-f', 'none.yml', 'deploy'], /^error: The file none\.yml cannot be read/],
    [['invoke', 'hello', '--query', 'name'], /^error: --query takes KEY=VALUE/],
    [['secret', 'create', 'x', '--from-literal', 'x', '--from-file', 'x'], /^error: A secret has one value/],
    [['deploy', '--image', 'x'], /^error: --image describes one function, and --name is missing\.\nhint: /],
    [['deploy', '-f', 's.yml', '--name', 'x'], /^error: --name describes one function, and s\.yml describes others/],
    [['build'], /^error: There is no stack\.yaml or stack\.yml here\.\nhint: /],
    [['list', '--gateway', 'ftp://x'], /^error: "ftp:\/\/x" is not a URL\.\nhint: /],
    [['invoke', 'hello', '-H', 'nonsense'], /^error: --header takes NAME=VALUE/],
    [['new', 'hello'], /^error: A new function needs a name and a template\.\nhint: /],
    [['invoke', 'hello', '-m', 'G T'], /Use one such as GET, PUT or DELETE\.\nhint: See "skep invoke --help"/],
    [['invoke', 'hello', '--sign', 'X Y', '--key', 'k'], /^error: No request can carry this: Header name/],
    [['logs', 'hello', '--lines', 'x'], /Use a whole number/],
    [['logs', 'hello', '--since-time', 'x'], /Use a time such as 2030/],
    [['dev', '--port', '99999'], /Use a port, up to 65535/],
    [['up', '--parallel', '0'], /Use 1 or more/],
    [['up', '--canary', '0'], /Use percents between 0 and 100/],
    [['up', '--max-errors', 'x'], /Use a percent/],
    [['up', '--max-p95', '0.5x'], /Use a factor of 1 or more/],
    [['traffic', 'hello', '4'], /^error: "4" is no revision with its percent\.\nhint: /],
    [['traffic', 'hello', '--mirror', '4=x'], /^error: "4=x" is no revision with its percent\.\nhint: /],
    [['async', 'list', '--state', 'lost'], /Allowed choices are waiting, delayed/],
    [['async', 'purge'], /^error: It is not said which calls\.\nhint: /],
    [
      ['new', 'f', '--lang', 'node', '--memory-limit', 'lots'],
      /^error: One thing is .*\n {2}--memory-limit: use a size/,
    ],
    [['new', 'f', '--lang', 'node', '--gateway', 'here'], /Use a URL such as/],
    [['login'], /^error: No password given\.\nhint: /],
  ])('refuses %j with one sentence, a hint and exit code 2', async (args, message) => {
    const { code, stdout, stderr } = await folder.skep(args)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(message)
    expect(stderr).toMatch(/^hint: \S.*\n$/m)
  })

  it('says what does not answer, and exits with 1', async () => {
    const { code, stderr } = await folder.skep(['list', '-g', 'http://127.0.0.1:1'])
    expect(code).toBe(1)
    expect(stderr).toMatch(
      /^error: Nothing answers at http:\/\/127\.0\.0\.1:1 \(ECONNREFUSED\)\.\nhint: Start the gateway/,
    )
  })

  it('says that its output cannot be written', async () => {
    const words = `'${process.execPath}' cli/main.ts completion bash > /dev/full`
    const failed: unknown = await promisify(execFile)('sh', ['-c', words]).catch((error: unknown) => error)
    expect(failed).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^error: The output cannot be written: ENOSPC/),
    })
  })

  it('prints no colours where there is no terminal', async () => {
    const { stderr } = await folder.skep(['lsit'], { env: { FORCE_COLOR: '0' } })
    expect(stderr).not.toContain('\x1B')
  })

  it.each([
    ['bash', 'complete -F _skep skep faas'],
    ['zsh', '#compdef skep faas'],
    ['fish', 'complete -c $program'],
  ])('prints a completion script for %s', async (shell, expected) => {
    const { code, stdout } = await folder.skep(['completion', shell])
    expect(code).toBe(0)
    expect(stdout).toContain(expected)
    for (const { name } of verbs) expect(stdout).toContain(name)
  })
})
