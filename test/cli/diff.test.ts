import { describe, expect, it } from 'vitest'
import { deployedSpec } from '../../cli/deployed-spec.ts'
import { changeLines, changesBetween } from '../../cli/spec-diff.ts'
import { useOwnGateway } from '../helpers/own-gateway.ts'

describe('the difference of two specs', () => {
  const plain = (_: unknown, text: string) => text

  it('is a line for each field that comes, goes or becomes another', () => {
    const from = { image: 'x:1', environment: { A: '1', B: 'b' }, secrets: ['s'], limits: { pids: 5 }, labels: {} }
    const to = { image: 'x:2', environment: { A: '1', C: 'two\nlines' }, secrets: ['s', 't'], limits: { pids: 5 } }
    expect(changeLines(changesBetween(from, to), plain)).toEqual([
      '  ~ image          x:1 → x:2',
      '  - environment.B  b',
      '  ~ secrets        s → s, t',
      '  + environment.C  "two\\nlines"',
    ])
  })

  it('takes what is empty, false or left out as the same', () => {
    expect(changesBetween({ labels: {}, secrets: [], readOnlyRootFilesystem: false }, { process: undefined })).toEqual(
      [],
    )
  })

  it('does not count what a gateway adds by itself', () => {
    const status = {
      ...{ name: 'f', image: 'x', envProcess: 'cat', envVars: { A: '1' }, createdAt: '', replicas: 2 },
      labels: { faas_function: 'f', 'com.openfaas.uid': '7', team: 'shop' },
    }
    const spec = { name: 'f', namespace: 'openfaas-fn', image: 'x', process: 'cat' }
    const asked = { ...spec, environment: { A: '1' }, labels: { team: 'shop' } }
    expect(changesBetween(deployedSpec(status), asked)).toEqual([])
  })
})

describe('skep diff', () => {
  const { folder, skep } = useOwnGateway()
  folder.write({ 'f/handler.js': 'module.exports = () => "hi"' })

  function stack(fields: object): void {
    const entry = { lang: 'node', handler: './f', ...fields }
    const text = JSON.stringify({ provider: { name: 'openfaas' }, functions: { f: entry } })
    folder.write({ 'stack.yml': text })
  }

  it('says what a deploy would change, and with its exit code whether', async () => {
    stack({ environment: { A: '1' }, scale: { max: 2 }, labels: { team: 'shop' } })
    const fresh = await skep('diff')
    expect(fresh).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/^f: new\n(.*\n)* {2}\+ environment\.A +1$/m),
    })
    expect(await skep('deploy')).toMatchObject({ code: 0 })
    expect(await skep('diff')).toEqual({ code: 0, stdout: 'f: same\n', stderr: '' })
    stack({ environment: { A: '2' }, scale: { max: 2 }, timeout: '5s' })
    expect(await skep('diff', 'f')).toEqual({
      code: 1,
      stdout: `f: changed
  ~ environment.A  1 → 2
  - labels.team    shop
  + timeout        5s
`,
      stderr: '',
    })
    const { stdout } = await skep('diff', '--json')
    expect(JSON.parse(stdout)).toMatchObject([{ name: 'f', state: 'changed', changes: { length: 3 } }])
  })

  it('compares two revisions, or one with the current one', async () => {
    expect(await skep('deploy')).toMatchObject({ code: 0 })
    const between = await skep('diff', 'f', '1', '2')
    expect(between).toMatchObject({ code: 1, stdout: expect.stringContaining('  ~ environment.A  1 → 2\n') })
    expect(await skep('diff', 'f', '1')).toEqual(between)
    expect(await skep('diff', 'f', '2')).toMatchObject({ code: 0, stdout: 'f: same\n' })
    expect(await skep('diff', 'f', '1', '9')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('no revision 9.\nhint: There are: 2, 1.'),
    })
  })
})
