import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { Command } from 'commander'
import { describe, expect, it } from 'vitest'
import { verbs } from '../cli/commands/index.ts'
import type { Context } from '../cli/context.ts'
import { settingDefaults } from '../gateway/config.ts'
import { errorCodes, SkepError } from '../gateway/core/errors.ts'

const read = (path: string): string => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8')

const pages = [
  'README.md',
  'CONTRIBUTING.md',
  'templates/README.md',
  'runtimes/README.md',
  ...readdirSync(new URL('../docs', import.meta.url)).map((page) => `docs/${page}`),
]

/** The second cell of each row of a page's first table, by the name in the first. */
function cellsOf(page: string): ReadonlyMap<string, string> {
  const [table = ''] = /(^\|.*\n)+/m.exec(read(page)) ?? []
  return new Map(
    [...table.matchAll(/^\| `(\w+)` +\| ([^|]+) \|/gm)].map(([, name = '', cell = '']) => [name, cell.trim()]),
  )
}

describe('the documentation', () => {
  it('has every error code with its status, and no other', () => {
    const statuses = errorCodes.map(
      (code) => [code, String(new SkepError(code, '', { hint: undefined }).status)] as const,
    )
    expect(cellsOf('docs/ERRORS.md')).toEqual(new Map(statuses))
  })

  it('has every setting with its default, and no other', () => {
    const cells = cellsOf('docs/SETTINGS.md')
    const expected = [...settingDefaults].map(([name, value]) => {
      // Where there is none the page says in words what then holds.
      return [name, value === '' ? cells.get(name) : `\`${value.replace(homedir(), '~')}\``] as const
    })
    expect(cells).toEqual(new Map(expected))
  })

  it.each(verbs.map(({ name }) => name))('shows the verb skep %s', (verb) =>
    expect(read('README.md')).toContain(`skep ${verb}`),
  )

  it.each(pages)('%s names no file that does not exist', (page) => {
    const folder = new URL(`../${page}`, import.meta.url)
    const links = [...read(page).matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, link = '']) => link)
    expect(links.filter((link) => !existsSync(new URL(link, folder)))).toEqual([])
  })

  it.each(pages)('%s shows no verb and no flag that skep does not have', async (page) => {
    for (const line of commandsIn(read(page))) {
      const unknown = await notKnown(line.split(/\s+/))
      expect({ line, unknown }).toEqual({ line, unknown: [] })
    }
  })
})

/** What follows `skep` or `faas` in code: in a block a line's, up to a comment, a pipe or another command. */
function commandsIn(text: string): string[] {
  const code = [...text.matchAll(/^```\n([^]*?)^```|`([^`\n]+)`/gm)].map(([, block, span]) => block ?? span ?? '')
  const lines = code.flatMap((one) => one.split('\n'))
  return lines.flatMap((line) => /^(?:npm run skep -- |skep |faas )([a-z][^#|<>&;]+)/.exec(line)?.[1]?.trim() ?? [])
}

async function notKnown([name = '', ...words]: readonly string[]): Promise<string[]> {
  const verb = verbs.find((one) => [one.name, ...one.aliases].includes(name))
  if (!verb) return [name]
  const command = new Command(verb.name)
  ;(await verb.load()).define(command, {} as Context, verbs)
  const chosen = command.commands.find((one) => words.includes(one.name())) ?? command
  const flags = [chosen, ...chosen.commands].flatMap(({ options }) =>
    options.flatMap(({ short, long }) => [short, long]),
  )
  const given = words.filter((word) => /^--?[a-z]/.test(word)).map((word) => word.replace(/=.*/, ''))
  return given.filter((flag) => flag !== '--help' && !flags.includes(flag))
}
