import { DatabaseSync } from 'node:sqlite'
import type { SQLOutputValue } from 'node:sqlite'
import { messageOf, SkepError } from '../core/errors.ts'
import type { Document, Store } from '../core/store.ts'
import { versionConflict } from './conflict.ts'

// The row's number is the version: AUTOINCREMENT never gives one out twice, not even after a delete.
const schema = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  CREATE TABLE IF NOT EXISTS documents (
    version INTEGER PRIMARY KEY AUTOINCREMENT,
    key TEXT NOT NULL UNIQUE,
    value TEXT NOT NULL
  );`

const put = `
  INSERT OR REPLACE INTO documents (key, value)
  SELECT :key, :value
  WHERE :version IS NULL OR :version = coalesce((SELECT version FROM documents WHERE key = :key), 0)
  RETURNING version`

/** Documents in one SQLite file, on the disk when `put` resolves. */
export function embeddedStore(file: string): Store {
  const database = attempt(() => open(file))
  const statements = {
    get: database.prepare('SELECT key, value, version FROM documents WHERE key = ?'),
    put: database.prepare(put),
    delete: database.prepare('DELETE FROM documents WHERE key = ?'),
    list: database.prepare(
      'SELECT key, value, version FROM documents WHERE key >= ? AND substr(key, 1, length(?)) = ? ORDER BY key',
    ),
  }
  return {
    get: async (key) => attempt(() => statements.get.all(key).map(document)[0]),
    put: async (key, value, version) => {
      const row = attempt(() => statements.put.get({ key, value, version: version ?? null }))
      if (row === undefined) throw versionConflict(key)
      return Number(row.version)
    },
    delete: async (key) => void attempt(() => statements.delete.run(key)),
    list: async (prefix) => attempt(() => statements.list.all(prefix, prefix, prefix).map(document)),
    close: async () => database.close(),
  }
}

function open(file: string): DatabaseSync {
  const database = new DatabaseSync(file, { timeout: 1500 })
  database.exec(schema)
  return database
}

const document = (row: Record<string, SQLOutputValue>): Document => ({
  key: String(row.key),
  value: String(row.value),
  version: Number(row.version),
})

function attempt<T>(work: () => T): T {
  try {
    return work()
  } catch (cause) {
    throw new SkepError('store_unavailable', `The store's file failed: ${messageOf(cause)}.`, {
      cause,
      hint: 'Look at the free space and the permissions of the data folder.',
    })
  }
}
