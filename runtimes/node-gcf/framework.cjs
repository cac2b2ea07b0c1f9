// Stands in for @google-cloud/functions-framework: what a source registers here is served by this runtime.
const registered = new Map()

const register = (signature) => (name, call) => {
  registered.set(name, { signature, call })
}

module.exports = { http: register('http'), cloudEvent: register('cloudevent'), registered }
