/** What a place may be unable to do, with the reason, which is shown with the tests that do not run. */
export type Cannot = Partial<
  Record<'limitMemory' | 'limitProcesses' | 'pause' | 'retire' | 'usage' | 'exec' | 'monitor', string>
>
