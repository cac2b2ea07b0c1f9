import { fileURLToPath } from 'node:url'

/** A file or folder of the package: one folder up, from the sources and from the bundle. */
export const packageFile = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url))
