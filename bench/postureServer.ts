/**
 * A TLS server with a certificate for posture.bench.example whose authority publishes its list, its responder and its own
 * certificate over HTTP. Prints its port and its root as one line of JSON, and serves until it is ended.
 */
import { once } from 'node:events'
import { createServer as createHttpServer } from 'node:http'
import type { AddressInfo, Server } from 'node:net'
import { createServer } from 'node:tls'
import { openPki } from '../src/lab/servers/pki.ts'
import { revocationAnswers } from '../src/lab/servers/revocation.ts'

async function listening(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

// Where it listens stands in the certificates, which it needs before it can answer.
const publisher = createHttpServer()
const publishedAt = `http://127.0.0.1:${await listening(publisher)}`
const pki = await openPki({ clock: Date.now, publishedAt })
publisher.on('request', revocationAnswers(pki))
const { keyPem, chainPem } = await pki.certificate('genuine', 'posture.bench.example')
const page = 'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 3\r\nConnection: close\r\n\r\nok\n'
const server = createServer({ cert: chainPem, key: keyPem }, (socket) => {
  socket.on('error', () => {})
  socket.once('data', () => socket.end(page))
})
server.on('tlsClientError', () => {})
const port = await listening(server)
process.stdout.write(`${JSON.stringify({ port, rootPem: pki.rootPem })}\n`)
