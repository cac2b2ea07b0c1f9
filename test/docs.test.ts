import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { verbs } from '../cli/commands/index.ts'
import { settingNames } from '../gateway/config.ts'
import { errorCodes } from '../gateway/core/errors.ts'

const read = (path: string): string => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8')

/** A row of a table that begins with this name. */
const rowOf = (name: string): RegExp => new RegExp(`^\\| \`${name}\` +\\|`, 'm')

describe('the documentation', () => {
  it.each(errorCodes)('explains the error code %s', (code) => expect(read('docs/ERRORS.md')).toMatch(rowOf(code)))

  it.each(settingNames)('explains the setting %s', (name) => expect(read('docs/SETTINGS.md')).toMatch(rowOf(name)))

  it.each(verbs.map(({ name }) => name))('shows the verb skep %s', (verb) =>
    expect(read('README.md')).toContain(`skep ${verb}`),
  )

  it('names no file that does not exist', () => {
    const pages = [
      'README.md',
      'CONTRIBUTING.md',
      ...readdirSync(new URL('../docs', import.meta.url)).map((page) => `docs/${page}`),
    ]
    for (const page of pages) {
      const folder = new URL(`../${page}`, import.meta.url)
      for (const [, link = ''] of read(page).matchAll(/\]\((?!https?:|#)([^)#]+)/g)) {
        expect(() => readFileSync(new URL(link, folder)), `${page} → ${link}`).not.toThrow(/ENOENT/)
      }
    }
  })
})
