import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { cliFolder, type CliFolder } from '../helpers/cli.ts'
import { dockerHost } from '../helpers/docker-host.ts'
import { baseImage } from '../helpers/engine.ts'
import { needs } from '../helpers/needs.ts'

let folder: CliFolder
beforeEach(() => void (folder = cliFolder()))
afterEach(() => folder.remove())

const write: CliFolder['write'] = (files) => folder.write(files)

const read = (path: string) => readFileSync(join(folder.path, path), 'utf8')
const pulled = () => readdirSync(join(folder.path, 'template')).toSorted()

function git(...words: string[]): string {
  const identity = ['-c', 'user.name=t', '-c', 'user.email=t@t', '-c', 'init.defaultBranch=main']
  return execFileSync('git', [...identity, ...words], { cwd: join(folder.path, 'repo') })
    .toString()
    .trim()
}

/** A repository with the templates `cat` and `dog`, at the tag v1 and with a newer commit; resolves with its address. */
function repository(files: Readonly<Record<string, string>> = {}): string {
  write({
    'repo/template/cat/template.yml': 'language: cat\nfprocess: cat\nwelcome_message: meow\n',
    'repo/template/cat/function/handler.sh': 'echo old',
    'repo/template/dog/template.yml': 'language: dog\n',
    'repo/template/notes.txt': '',
    ...Object.fromEntries(Object.entries(files).map(([path, content]) => [`repo/${path}`, content])),
  })
  git('init', '--quiet')
  commit()
  git('tag', 'v1')
  write({ 'repo/template/cat/function/handler.sh': 'echo new' })
  commit()
  return `file://${join(folder.path, 'repo')}`
}

function commit(): void {
  git('add', '--all')
  git('commit', '--quiet', '--message', 'x')
}

const stack = (templates: object, functions: object = {}) =>
  JSON.stringify({ provider: { name: 'openfaas' }, configuration: { templates }, functions })

describe('skep template pull', () => {
  it('copies every template of a repository, and says which', async () => {
    const address = repository()
    expect(await folder.skep(['template', 'pull', address])).toMatchObject({
      code: 0,
      stdout: 'cat: written to template/cat\ndog: written to template/dog\n',
    })
    expect(pulled()).toEqual(['cat', 'dog'])
    expect(read('template/cat/function/handler.sh')).toBe('echo new')
    expect((await folder.skep(['new', '--list'])).stdout).toMatch(/^cat +cat\n/m)
    expect((await folder.skep(['new', 'f', '--lang', 'cat'])).stdout).toContain('meow')
  })

  it('takes the tag or the commit behind #, and names what it wrote after it', async () => {
    const address = repository()
    await folder.skep(['template', 'pull', `${address}#v1`])
    expect(pulled()).toEqual(['cat@v1', 'dog@v1'])
    expect(read('template/cat@v1/function/handler.sh')).toBe('echo old')
    const sha = `sha-${git('rev-parse', '--short', 'v1')}`
    await folder.skep(['template', 'pull', `${address}#${sha}`])
    expect(read(`template/cat@${sha}/function/handler.sh`)).toBe('echo old')
  })

  it('takes a folder, and leaves what is there alone unless it is told to replace it', async () => {
    repository()
    write({ 'template/cat/template.yml': 'language: mine', 'template/cat/own.txt': '' })
    const kept = await folder.skep(['template', 'pull', './repo'])
    expect(kept).toMatchObject({ code: 0, stdout: 'dog: written to template/dog\n' })
    expect(kept.stderr).toContain('(--overwrite replaces them): cat.')
    expect(read('template/cat/template.yml')).toBe('language: mine')
    expect(await folder.skep(['template', 'pull', './repo', '--overwrite=true'])).toMatchObject({ code: 0 })
    expect(existsSync(join(folder.path, 'template/cat/own.txt'))).toBe(false)
  })

  it.each([
    [
      'a template that points out of itself',
      () => symlinkSync('/etc/passwd', join(folder.path, 'repo/template/cat/x')),
    ],
    ['a handler folder elsewhere', () => write({ 'repo/template/cat/template.yml': 'handler_folder: ../../..' })],
    ['an absolute handler folder', () => write({ 'repo/template/cat/template.yml': 'handler_folder: /etc' })],
    ['a runtime elsewhere', () => write({ 'repo/template/cat/template.yml': 'runtime: ../../..' })],
  ])('writes nothing at all when there is %s', async (_, spoil) => {
    const address = repository()
    spoil()
    commit()
    expect(await folder.skep(['template', 'pull', address])).toMatchObject({ code: 2, stdout: '' })
    expect(existsSync(join(folder.path, 'template'))).toBe(false)
  })

  it('does not follow a link to somebody’s own folder', async () => {
    const address = repository()
    write({ 'private/template.yml': 'language: x', 'private/key': 'secret' })
    symlinkSync(join(folder.path, 'private'), join(folder.path, 'repo/template/linked'))
    commit()
    await folder.skep(['template', 'pull', address])
    expect(pulled()).toEqual(['cat', 'dog'])
  })

  it.each([
    [['nowhere'], 2, 'nowhere is neither a folder nor the address of a git repository.'],
    [['https://x/y#--upload-pack=touch'], 2, '"--upload-pack=touch" is no branch'],
    [['ext::sh -c true'], 2, 'is neither a folder nor the address'],
    [['file:///nowhere'], 1, 'git clone failed.'],
    [['.'], 2, 'error: . has no templates.\nhint: A template is a folder template/NAME'],
    [['.#v1'], 1, 'git clone failed.'],
    [['stack'], 2, 'There is no stack file here that names templates.\nhint: '],
  ])('refuses %j', async (args, code, message) => {
    const result = await folder.skep(['template', 'pull', '--', ...args])
    expect(result).toMatchObject({ code, stdout: '' })
    expect(result.stderr).toContain(message)
  })
})

it('a template that cannot be read is named with what is wrong with it', async () => {
  write({ 'template/cat/template.yml': 'language: [' })
  expect(await folder.skep(['new', '--list'])).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/^error: The template cat cannot be used\.\n {2}Flow sequence(.*\n)+hint: Correct /),
  })
  write({ 'template/cat/template.yml': 'runtime: ../x' })
  expect((await folder.skep(['new', '--list'])).stderr).toContain('  runtime: must name a folder of runtimes/')
})

describe('templates that a stack file names', () => {
  it('are pulled when a build, or a new function, needs them', async () => {
    const source = repository()
    write({ 'f/handler.sh': '', 'g/handler.sh': '' })
    const entry = (name: string, lang: string) => ({ [name]: { lang, handler: name, image: `x/${name}` } })
    const named = [
      { name: 'cat', source },
      { name: 'dog@v1', source },
    ]
    write({ 'stack.yml': stack(named, { ...entry('f', 'cat'), ...entry('g', 'dog@v1') }) })
    expect(await folder.skep(['build', '--shrinkwrap', '--disable-stack-pull'])).toMatchObject({ code: 2 })
    expect(await folder.skep(['build', '--shrinkwrap'])).toMatchObject({ code: 0 })
    expect(pulled()).toEqual(['cat', 'dog@v1'])
    expect(await folder.skep(['new', 'h', '--lang', 'dog', '--append', 'stack.yml'])).toMatchObject({ code: 2 })
  })

  it('are pulled for a new function, and by "template pull stack"', async () => {
    const source = repository()
    write({
      'stack.yml': stack([
        { name: 'cat', source },
        { name: 'dog', source: `${source}#v1` },
      ]),
    })
    expect(await folder.skep(['new', 'h', '--lang', 'cat'])).toMatchObject({ code: 0 })
    expect(pulled()).toEqual(['cat'])
    await folder.skep(['template', 'pull', 'stack'])
    expect(pulled()).toEqual(['cat', 'dog'])
  })
})

describe('skep template store', () => {
  const entry = { template: 'cat', platform: 'x86_64', language: 'cat', source: 'pets', description: 'A cat' }

  it('lists, describes and pulls what a templates.json names', async () => {
    const repo = repository()
    write({ 'store.json': JSON.stringify([{ ...entry, repo, official: 'true', recommended: false }]) })
    const store = (...args: string[]) => folder.skep(['template', 'store', ...args, '--url', 'store.json'])
    expect((await store('list')).stdout).toMatch(/^NAME +SOURCE +DESCRIPTION\ncat +pets +A cat\n$/)
    expect((await store('list', '--recommended', '--json')).stdout).toBe('[]\n')
    expect((await store('describe', 'pets/cat')).stdout).toMatch(/^Repository: +file:.*\nOfficial: +yes$/m)
    expect(await store('pull', 'cat@v1')).toMatchObject({ code: 0, stdout: 'cat@v1: written to template/cat@v1\n' })
    expect(await store('pull', 'caat')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('Did you mean "cat"?'),
    })
  })

  it('is used for a template that is nowhere else', async () => {
    write({ 'store.json': JSON.stringify([{ ...entry, repo: repository() }]) })
    const env = { OPENFAAS_TEMPLATE_STORE_URL: 'store.json' }
    expect(await folder.skep(['new', 'f', '--lang', 'cat'], { env })).toMatchObject({ code: 0 })
  })

  it('has Skep’s own templates without a network, to be changed in ./template', async () => {
    const env = { OPENFAAS_URL: 'http://127.0.0.1:1' }
    expect((await folder.skep(['template', 'store', 'list'], { env })).stdout).toMatch(/^node +skep /m)
    expect(await folder.skep(['template', 'store', 'pull', 'node'], { env })).toMatchObject({ code: 0 })
    expect(pulled()).toEqual(['node'])
  })

  it('says what is no store', async () => {
    write({ 'store.json': '{"a":1}', 'text.json': 'hello' })
    for (const file of ['store.json', 'text.json', 'none.json']) {
      expect(await folder.skep(['template', 'store', 'list', '-u', file])).toMatchObject({ code: 2, stdout: '' })
    }
  })
})

describe('a template with a watchdog, as OpenFaaS has them', needs('docker'), () => {
  it('builds as it is, with its build options and the handler in its place', async () => {
    const base = await baseImage('busybox')
    const address = repository({
      'template/shell/template.yml': `language: shell
fprocess: sh handler.sh
handler_folder: function
build_options:
  - name: tools
    packages: [make, gcc]
`,
      'template/shell/Dockerfile': `FROM --platform=\${TARGETPLATFORM:-linux/amd64} ${base} AS watchdog
RUN printf '#!/bin/sh\\nexec $fprocess\\n' > /fwatchdog && chmod +x /fwatchdog
FROM --platform=\${TARGETPLATFORM:-linux/amd64} ${base} AS ship
ARG TARGETPLATFORM
ARG ADDITIONAL_PACKAGE
COPY --from=watchdog /fwatchdog /usr/bin/fwatchdog
WORKDIR /home/app
COPY index.sh ./
COPY function/ ./
RUN echo "packages: $ADDITIONAL_PACKAGE" && sh index.sh
ENV fprocess="sh handler.sh"
RUN fwatchdog
HEALTHCHECK --interval=3s CMD [ -e /tmp/.lock ] || exit 1
CMD ["fwatchdog"]
`,
      'template/shell/index.sh': 'echo from the template',
      'template/shell/function/handler.sh': 'echo from the scaffold',
    })
    write({
      'stack.yml': stack([{ name: 'shell', source: address }], {
        f: { lang: 'shell', handler: './f', image: 'skep-test/cli-shell', build_options: ['tools'] },
      }),
      'f/handler.sh': 'echo from the handler',
    })
    const { code, stderr } = await folder.skep(['build', '--no-cache'], { env: { DOCKER_HOST: dockerHost ?? '' } })
    expect(code).toBe(0)
    expect(stderr.match(/^f \| (from|packages).*$/gm)).toEqual([
      'f | packages: gcc make',
      'f | from the template',
      'f | from the handler',
    ])
  })
})
