import { SkepError } from '../core/errors.ts'

export const versionConflict = (key: string): SkepError =>
  new SkepError('conflict', `"${key}" was changed by someone else in the meantime.`, {
    hint: 'Read it again and repeat the change.',
  })
