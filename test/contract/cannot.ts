/** What a place may be unable to do. The reason is shown at the end of the run. */
export type Cannot = Partial<Record<'limitMemory' | 'limitProcesses' | 'pause' | 'retire', string>>
