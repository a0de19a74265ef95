import { createHash } from 'node:crypto'
import type { IncomingMessage, RequestListener } from 'node:http'
import type { Duplex } from 'node:stream'
import { sendPage } from './page.ts'

/** Goes on in WebSocket: answers the handshake (RFC 6455 §4.2.2), each ping with a pong, and a close with a close. */
export function acceptSocket(request: IncomingMessage, socket: Duplex): void {
  const key = request.headers['sec-websocket-key']
  socket.on('error', () => socket.destroy())
  if (key === undefined || request.headers.upgrade?.toLowerCase() !== 'websocket') {
    socket.end('HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n')
    return
  }
  const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
  )
  let seen: Buffer = Buffer.alloc(0)
  socket.on('data', (chunk: Buffer) => {
    seen = Buffer.concat([seen, chunk])
    for (let length = frameLength(seen); length > 0 && length <= seen.length; length = frameLength(seen)) {
      answerFrame(socket, seen.subarray(0, length))
      seen = seen.subarray(length)
    }
    // Nobody here says anything long (RFC 6455 §5.2: 126 and 127 announce it).
    if (((seen[1] ?? 0) & 0x7f) > 125) socket.destroy()
  })
}

const opcode = { close: 8, ping: 9, pong: 10 } as const

/** How long the frame at the front is: two octets, a mask of four, and up to 125 of payload; 0 when that is not known yet, or more. */
function frameLength(octets: Buffer): number {
  const length = (octets[1] ?? 0x7f) & 0x7f
  return length > 125 ? 0 : 6 + length
}

function answerFrame(socket: Duplex, frame: Buffer): void {
  const payload = Buffer.from(frame.subarray(6).map((octet, at) => octet ^ (frame[2 + (at % 4)] ?? 0)))
  const said = (frame[0] ?? 0) & 0x0f
  if (said === opcode.ping) socket.write(Buffer.concat([Buffer.from([0x80 | opcode.pong, payload.length]), payload]))
  if (said === opcode.close) socket.end(Buffer.concat([Buffer.from([0x80 | opcode.close, payload.length]), payload]))
}

/** What a server says to a plain request for a WebSocket (RFC 9110 §15.5.22). */
export const upgradeRequiredAnswers: RequestListener = (_request, response) => {
  response.writeHead(426, { upgrade: 'websocket', connection: 'Upgrade', 'content-length': 0 }).end()
}

/** A web server that knows nothing of WebSocket, and has its start page at every path. */
export const startPageAnswers: RequestListener = (_request, response) => {
  sendPage(response, 200, 'Dashboard', 'The live view of Corp Example needs a browser.')
}

/** Takes each request and never answers it. */
export const noAnswers: RequestListener = () => {}
