import { SkepError } from '../../gateway/core/errors.ts'
import type { Pool } from '../../gateway/core/pool.ts'
import type { Lease } from '../../gateway/core/replicas.ts'

/** A lease, waited for as a caller would. */
export function leaseOf(pool: Pool): Promise<Lease> {
  const lease = pool.tryLease()
  if (lease) return Promise.resolve(lease)
  return new Promise((served, refused) => pool.wait({ served, refused }))
}

/** The code of the error that it rejects with. */
export const codeOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'none',
    (error: unknown) => (error instanceof SkepError ? error.code : error),
  )
