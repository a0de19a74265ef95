/** A TLS server of Node's own parts that answers 1 KiB by itself: the half of any gateway in Node that clients see. `PORT FOLDER`. */
import { readFileSync } from 'node:fs'
import { createServer } from 'node:https'
import process from 'node:process'

const [port, folder] = process.argv.slice(2)
const options = { key: readFileSync(`${folder}/gate.key`), cert: readFileSync(`${folder}/gate.pem`) }
const body = Buffer.alloc(1024, 'x')

createServer(options, (_, answered) => {
  answered.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length })
  answered.end(body)
}).listen(Number(port), '127.0.0.1')
