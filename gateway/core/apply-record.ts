import type { CanaryState } from './canary.ts'
import { DeployedFunction } from './function.ts'
import type { Functions } from './functions.ts'
import { Mirror } from './mirror.ts'
import type { Revision } from './ports.ts'
import type { StoredFunction } from './records.ts'

/** From now on the function is served as the record says. */
export function applyRecord(functions: Functions, record: StoredFunction): void {
  const found = functions.find(record.key)
  if (record.revisions.length === 0) takeOut(functions, record.key)
  else if (found) update(functions, found, record)
  else install(functions, record)
}

/** From now on there is no such function. */
export function takeOut(functions: Functions, key: string): void {
  const found = functions.find(key)
  if (!found) return
  functions.uninstall(found)
  for (const pool of found.pools) functions.dismiss(pool)
}

function install(functions: Functions, record: StoredFunction): void {
  const [first, ...others] = record.revisions.map((revision) => functions.newPool(revision))
  if (!first) return
  const found = new DeployedFunction(record.key, first)
  for (const pool of others) found.add(pool)
  route(found, record)
  functions.install(found)
}

function update(functions: Functions, found: DeployedFunction, record: StoredFunction): void {
  const isOf = (one: Revision) => (other: Revision) => other.number === one.number && other.createdAt === one.createdAt
  const old = found.pools.filter(({ revision }) => !record.revisions.some(isOf(revision)))
  const others = record.revisions.filter((revision) => !found.pools.map((pool) => pool.revision).some(isOf(revision)))
  for (const pool of old) found.drop(pool)
  for (const revision of others) found.add(functions.newPool(revision))
  route(found, record)
  for (const pool of old) functions.dismiss(pool)
}

function route(found: DeployedFunction, { shares, canary, mirror, rejected = [], revisions }: StoredFunction): void {
  found.route(shares)
  found.rejected = rejected
  const next = canary && isComplete(canary, revisions) ? canary : undefined
  // The same object as long as it is the same step: its calls are being counted.
  if (JSON.stringify(found.canary) !== JSON.stringify(next)) found.canary = next
  if (JSON.stringify(found.mirror?.plan) !== JSON.stringify(mirror)) found.mirror = mirror && new Mirror(mirror)
}

const isComplete = ({ revision, stable }: CanaryState, revisions: readonly Revision[]): boolean =>
  [revision, stable].every((number) => revisions.some((known) => known.number === number))
