exports.handler = async (event) => {
  const { name = 'World' } = event.body ? JSON.parse(event.body) : (event.queryStringParameters ?? {})
  return { message: `Hello, ${name}!` }
}
