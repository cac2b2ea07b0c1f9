import { defaultNamespace } from '../core/names.ts'

/** Dashboards for OpenFaaS expect `name.namespace` everywhere. */
export const functionNameOf = (key: string): string => (key.includes('.') ? key : `${key}.${defaultNamespace}`)
