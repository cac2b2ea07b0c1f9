/** What a place may be unable to do. The reason is shown with the test that does not run. */
export type Cannot = Partial<Record<'limitMemory' | 'limitProcesses' | 'pause' | 'retire', string>>

export const because = (reason: string | undefined): string => (reason ? ` (not here: ${reason})` : '')
