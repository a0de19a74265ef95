/**
 * A TLS server on every loopback address with a certificate for *.bench.example, which answers any request with a short
 * page. Prints its port and its root as one line of JSON, and serves until it is ended.
 */
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:tls'
import { makeChain } from '../test/pki.ts'

const { root, intermediate, leaf } = await makeChain({
  subject: 'CN=*.bench.example',
  names: [{ type: 'dns', value: '*.bench.example' }],
})
// Written at once and by hand: an HTTP server of the platform would cost more than the clients that are measured.
const page = 'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 3\r\nConnection: close\r\n\r\nok\n'
const server = createServer({ cert: leaf.pem + intermediate.pem, key: leaf.keyPem }, (socket) => {
  socket.on('error', () => {})
  socket.once('data', () => socket.end(page))
})
server.on('tlsClientError', () => {})
server.listen({ port: 0, host: '0.0.0.0', backlog: 4096 }, () => {
  const { port } = server.address() as AddressInfo
  process.stdout.write(`${JSON.stringify({ port, rootPem: root.pem })}\n`)
})
