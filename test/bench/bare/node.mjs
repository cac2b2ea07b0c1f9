import { createServer } from 'node:http'

createServer((_, response) => {
  const answer = JSON.stringify({ hello: 'bees' })
  response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': answer.length }).end(answer)
}).listen(Number(process.env.PORT), '127.0.0.1')
