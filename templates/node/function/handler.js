/** Answers every request. What `event` and `context` have, and what may be returned: README.md. */
module.exports = async (event, context) => {
  const name = event.body?.name ?? event.query.name ?? 'World'
  console.log(`call ${context.callId}: ${event.method} ${event.path}`)
  return { message: `Hello, ${name}!` }
}
