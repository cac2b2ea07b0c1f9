/** Says how long work goes on, in sentences for a person. */
export type Progress = (message: string) => void
