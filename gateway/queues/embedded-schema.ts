import { DatabaseSync } from 'node:sqlite'
import { fileFailed } from './group-commit.ts'

/**
 * Requests and answers have tables of their own: a change of state then does not write a megabyte of body again.
 * `place` is the place in line; `since` is from when its age counts; `size` is what it holds of the queue's bytes.
 */
const schema = `
  CREATE TABLE IF NOT EXISTS calls (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    function TEXT NOT NULL,
    state TEXT NOT NULL,
    priority INTEGER NOT NULL,
    place INTEGER NOT NULL,
    accepted INTEGER NOT NULL,
    since INTEGER NOT NULL,
    at INTEGER,
    attempt INTEGER NOT NULL DEFAULT 0,
    failures INTEGER NOT NULL DEFAULT 0,
    reason TEXT,
    keep_until INTEGER,
    size INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX IF NOT EXISTS line ON calls (function, priority DESC, place) WHERE state = 'waiting';
  CREATE INDEX IF NOT EXISTS due ON calls (at) WHERE state = 'delayed';
  CREATE INDEX IF NOT EXISTS kept ON calls (keep_until) WHERE keep_until IS NOT NULL;
  CREATE INDEX IF NOT EXISTS listed ON calls (function, state, accepted);
  CREATE TABLE IF NOT EXISTS requests (number INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS answers (number INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS keys (
    function TEXT NOT NULL,
    key TEXT NOT NULL,
    id TEXT NOT NULL,
    keep_until INTEGER NOT NULL,
    PRIMARY KEY (function, key)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS forgotten ON keys (keep_until);`

/** How long to wait for a gateway that is just ending to let go of the file. */
const lockMs = 3000

/**
 * Opens the file for this process alone. The lock ends with the process, however it ends: so there are no leases to
 * watch here. What was running when the file is opened belongs to nobody, and waits again.
 */
export function openCalls(file: string): DatabaseSync {
  try {
    const database = new DatabaseSync(file, { timeout: lockMs })
    database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL')
    database.exec(schema)
    database.exec("UPDATE calls SET state = 'waiting', at = NULL WHERE state = 'running'")
    database.exec('PRAGMA synchronous = NORMAL')
    return database
  } catch (error) {
    throw fileFailed(error)
  }
}
