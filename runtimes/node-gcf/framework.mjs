// Stands in for @google-cloud/functions-framework: what a source registers here is served by this runtime.

/** What was registered, by its name. */
export const registered = new Map()

const register = (signature) => (name, call) => void registered.set(name, { signature, call })

export const http = register('http')
export const cloudEvent = register('cloudevent')
export const typed = register('typed')

export default { http, cloudEvent, typed }
