import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Hono } from 'hono'
import { SkepError } from '../core/errors.ts'

const files = ['templates.json', 'functions.json']

/** What `template store` and `store` of a client without the Internet read. They send no credentials. */
export function storeFileRoutes(folder: string | undefined): Hono {
  const app = new Hono()
  for (const file of files) {
    app.get(`/store/${file}`, async (c) => {
      const text = folder && (await readFile(join(folder, file), 'utf8').catch(() => undefined))
      if (text) return c.body(text, 200, { 'Content-Type': 'application/json' })
      throw new SkepError('not_found', `This gateway has no ${file}.`, { hint: 'SKEP_CATALOGUE names its folder.' })
    })
  }
  return app
}
