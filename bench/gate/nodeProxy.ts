/** A TLS proxy of Node's own parts and nothing else: what no gate in Node can be faster than. `PORT BACKEND-PORT FOLDER`. */
import { readFileSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { createServer } from 'node:https'
import process from 'node:process'

const [port, backend, folder] = process.argv.slice(2)
const agent = new Agent({ keepAlive: true, maxSockets: 256 })
const options = { key: readFileSync(`${folder}/gate.key`), cert: readFileSync(`${folder}/gate.pem`) }

createServer(options, (asked, answered) => {
  const { method, url, headers } = asked
  const sent = request({ agent, host: '127.0.0.1', port: backend, method, path: url, headers }, (answer) => {
    answered.writeHead(answer.statusCode ?? 502, answer.headers)
    answer.pipe(answered)
  })
  sent.on('error', () => answered.destroy())
  asked.pipe(sent)
}).listen(Number(port), '127.0.0.1')
