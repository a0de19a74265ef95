/**
 * Opens TLS connections to a gate, one request or WebSocket on each, and holds them until it is ended. Says `open N` when
 * they are, and `closed N AT` when the gate has closed the last of them, AT in milliseconds since 1970.
 * `{ port, count, caFile, path, headers }` as JSON.
 */
import { readFileSync } from 'node:fs'
import process from 'node:process'
import type { TLSSocket } from 'node:tls'
import { connect } from 'node:tls'
import type { HoldOrder } from './hold.ts'

const { port, count, caFile, path, headers }: HoldOrder = JSON.parse(process.argv[2] ?? '{}')
const ca = readFileSync(caFile)
const atOnce = 32
const head = [`GET ${path} HTTP/1.1`, `host: localhost:${port}`, ...headers, '', ''].join('\r\n')
const held: TLSSocket[] = []
let closed = 0

function openOne(): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, servername: 'localhost', ca, ALPNProtocols: ['http/1.1'] })
    socket.once('error', reject)
    socket.once('secureConnect', () => socket.write(head))
    socket.once('data', (answer: Buffer) => {
      const status = answer.toString('latin1', 0, 12)
      if (status !== 'HTTP/1.1 200' && status !== 'HTTP/1.1 101') return reject(new Error(status))
      socket.off('error', reject)
      socket.on('error', () => {})
      socket.resume()
      held.push(socket)
      resolve()
    })
    socket.once('close', () => {
      closed += 1
      reject(new Error('the gate has closed the connection'))
      if (closed === count) process.stdout.write(`closed ${closed} ${performance.timeOrigin + performance.now()}\n`)
    })
  })
}

let next = 0
const worker = async (): Promise<void> => {
  while (next < count) {
    next += 1
    await openOne()
  }
}
await Promise.all(Array.from({ length: atOnce }, worker))
process.stdout.write(`open ${held.length}\n`)
