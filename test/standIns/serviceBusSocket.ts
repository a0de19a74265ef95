import { createHash } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import type { Duplex } from 'node:stream'
import { createServer as createTlsServer } from 'node:tls'
import { serviceBusTalk } from './amqpTalk.ts'
import type { Certificate, Messages, Place, StandIn } from './standIn.ts'
import { inMessages, openStandIn } from './standIn.ts'

/** What the service does with who wants a WebSocket; all but `well` are wrong in one way. */
export const serviceBusSocketConducts = ['well', 'wants-token', 'no-upgrade', 'wrong-accept'] as const
export type ServiceBusSocketConduct = (typeof serviceBusSocketConducts)[number]

export interface ServiceBusSocketOptions {
  readonly conduct?: ServiceBusSocketConduct
  readonly certificate: Certificate
}

const path = '/$servicebus/websocket'
const subprotocol = 'amqp'
const acceptGuid = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'

/** Azure Service Bus on 443: AMQP 1.0 over WebSocket (RFC 6455), up to the sign-in, which it refuses. */
export function openServiceBusSocket(place: Place, options: ServiceBusSocketOptions): Promise<StandIn> {
  const { conduct = 'well', certificate } = options
  const http = createServer((_request, response) => upgradeRequired(response))
  if (conduct !== 'no-upgrade') {
    http.on('upgrade', (request, socket, early) => {
      socket.on('error', () => socket.destroy())
      const refusal = conduct === 'wants-token' ? wantsToken : refusalOf(request)
      if (refusal !== undefined) {
        socket.end(refusal)
        return
      }
      socket.unshift(early)
      open(socket, conduct === 'wrong-accept' ? 'nobody' : (request.headers['sec-websocket-key'] ?? ''))
    })
  }
  const tls = createTlsServer({ ...certificate, ALPNProtocols: ['http/1.1'] })
  tls.on('tlsClientError', (_error, socket) => socket.destroy())
  tls.on('secureConnection', (secure) => http.emit('connection', secure))
  return openStandIn(place, (socket) => tls.emit('connection', socket))
}

function upgradeRequired(response: ServerResponse): void {
  response
    .writeHead(426, { Upgrade: 'websocket', Connection: 'Upgrade, close', 'Content-Length': 0, Server: httpService })
    .end()
}

const httpService = 'Microsoft-HTTPAPI/2.0'

function refused(status: string, ...fields: readonly string[]): string {
  return [
    `HTTP/1.1 ${status}`,
    `Server: ${httpService}`,
    ...fields,
    'Content-Length: 0',
    'Connection: close',
    '\r\n',
  ].join('\r\n')
}

/** As the front ends of Azure write it into the status line. */
const wantsToken = refused(
  '401 MissingToken: a security token is required. TrackingId:6b1f0c52-0c1c-4f5e-9c55-7a1d2f3e4b5c_G1, SystemTracker:standin.servicebus.windows.net, Timestamp:2026-01-01T00:00:00',
)

/** Why this is no handshake that the service takes (RFC 6455 §4.2.1; AMQP WebSocket binding §2.1). */
function refusalOf({ url, method, httpVersion, headers }: IncomingMessage): string | undefined {
  const named = (field: string | undefined): string[] => (field ?? '').split(',').map((word) => word.trim())
  if (url?.replace(/\?.*/, '') !== path) return refused('404 Not Found')
  if (method !== 'GET' || httpVersion !== '1.1') return refused('400 Bad Request')
  if (headers.upgrade?.toLowerCase() !== 'websocket') return refused('400 Bad Request')
  if (!named(headers.connection?.toLowerCase()).includes('upgrade')) return refused('400 Bad Request')
  if (headers['sec-websocket-version'] !== '13') return refused('426 Upgrade Required', 'Sec-WebSocket-Version: 13')
  const key = headers['sec-websocket-key'] ?? ''
  const nonce = Buffer.from(key, 'base64')
  if (nonce.length !== 16 || nonce.toString('base64') !== key) return refused('400 Bad Request')
  if (!named(headers['sec-websocket-protocol']).includes(subprotocol)) return refused('400 Bad Request')
  return undefined
}

const opcode = { continuation: 0, binary: 2, close: 8, ping: 9, pong: 10 } as const
/** RFC 6455 §7.4.1. */
const closeCode = { normal: 1000, violation: 1002, notTaken: 1003, tooLong: 1009 } as const
const longestPayload = 4096

function open(socket: Duplex, key: string): void {
  const accept = createHash('sha1').update(`${key}${acceptGuid}`).digest('base64')
  const fields = [
    'Upgrade: websocket',
    'Connection: Upgrade',
    `Server: ${httpService}`,
    `Sec-WebSocket-Accept: ${accept}`,
  ]
  const head = ['HTTP/1.1 101 Switching Protocols', ...fields, `Sec-WebSocket-Protocol: ${subprotocol}`, '\r\n']
  socket.write(head.join('\r\n'))
  const close = (code: number): void => {
    socket.end(frame(opcode.close, Buffer.of(code >> 8, code & 0xff)))
  }
  const talk = serviceBusTalk()
  const hear = inMessages(
    talk,
    (message) => {
      const { say, over } = talk.hear(message)
      if (say.length > 0) socket.write(frame(opcode.binary, say))
      if (over) close(closeCode.normal)
      return !over
    },
    () => close(closeCode.tooLong),
  )
  const take = (octets: Buffer): boolean => {
    const wrong = violationOf(octets)
    const payload = wrong === undefined ? unmasked(octets) : Buffer.alloc(0)
    const said = (octets[0] ?? 0) & 0x0f
    if (wrong !== undefined) close(wrong)
    else if (said === opcode.ping) socket.write(frame(opcode.pong, payload))
    else if (said === opcode.close) socket.end(frame(opcode.close, payload.subarray(0, 2)))
    else if (said !== opcode.pong) hear(payload)
    return !socket.writableEnded
  }
  socket.on(
    'data',
    inMessages(frames, take, () => close(closeCode.tooLong)),
  )
}

/** Frames of a client (RFC 6455 §5.2), whose mask has four octets. */
const frames: Messages = {
  lengthOf: (octets) => {
    const second = octets[1]
    if (second === undefined) return undefined
    const mask = second < 0x80 ? 0 : 4
    const size = second & 0x7f
    if (size < 126) return 2 + mask + size
    if (size === 126) return octets.length < 4 ? undefined : 4 + mask + octets.readUInt16BE(2)
    return octets.length < 10 ? undefined : Number(octets.readBigUInt64BE(2)) + 10 + mask
  },
  most: longestPayload + 14,
}

/** What is wrong with a whole frame, as the code that the connection is closed with. */
function violationOf(octets: Buffer): number | undefined {
  const [first = 0, second = 0] = octets
  const said = first & 0x0f
  const isControl = said >= opcode.close
  if ((first & 0x70) !== 0 || second < 0x80 || said > opcode.pong || (said > opcode.binary && !isControl)) {
    return closeCode.violation
  }
  if (isControl && (first < 0x80 || (second & 0x7f) > 125)) return closeCode.violation
  return said === opcode.binary || said === opcode.continuation || isControl ? undefined : closeCode.notTaken
}

function unmasked(octets: Buffer): Buffer {
  const size = (octets[1] ?? 0) & 0x7f
  const at = size < 126 ? 2 : size === 126 ? 4 : 10
  return Buffer.from(octets.subarray(at + 4).map((octet, index) => octet ^ (octets[at + (index % 4)] ?? 0)))
}

/** A whole frame of a server, which is not masked (RFC 6455 §5.1); nothing that is said here has more than 125 octets. */
function frame(code: number, payload: Buffer): Buffer {
  return Buffer.concat([Buffer.of(0x80 | code, payload.length), payload])
}
