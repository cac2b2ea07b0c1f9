/** Functions that were found elsewhere, under the names of a stack file, and what somebody should know about them. */
export interface Imported {
  readonly functions: Readonly<Record<string, object>>
  readonly templates: readonly object[]
  readonly copy: readonly string[]
  readonly notes: readonly string[]
}
