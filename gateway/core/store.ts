/** A document with the version that `put` asks back, so that of two writers one learns of the other. */
export interface Document {
  readonly key: string
  readonly value: string
  readonly version: number
}

/** Function records and small documents. Rejects with `store_unavailable`, or `conflict` where a version no longer holds. */
export interface Store {
  get(key: string): Promise<Document | undefined>
  /** `version`: write only if this is still the current one; 0 means that there must be none. Returns the new version. */
  put(key: string, value: string, version?: number): Promise<number>
  delete(key: string): Promise<void>
  /** In the order of their keys. */
  list(prefix: string): Promise<Document[]>
  close(): Promise<void>
}
