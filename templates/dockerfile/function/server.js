const { createServer } = require('node:http')

const server = createServer((request, response) => {
  const name = new URL(request.url, 'http://function').searchParams.get('name') ?? 'World'
  response.end(`Hello, ${name}!\n`)
})
server.listen(8080)

// What is in flight is finished; then there is nothing left to do, and the process ends with 0.
process.on('SIGTERM', () => server.close())
