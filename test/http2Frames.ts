/** Frames of HTTP/2 (RFC 9113 §4.1) as a client that misbehaves writes them, over TLS. */
import type { TLSSocket } from 'node:tls'
import { shaken } from './gateListener.ts'

export const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')

const types = {
  data: 0,
  headers: 1,
  priority: 2,
  rstStream: 3,
  settings: 4,
  pushPromise: 5,
  ping: 6,
  goaway: 7,
  windowUpdate: 8,
  continuation: 9,
  unknown: 77,
} as const

export const endStream = 1
export const endHeaders = 4

export function frame(
  type: keyof typeof types,
  flags: number,
  stream: number,
  payload: Uint8Array = Buffer.alloc(0),
): Buffer {
  const head = Buffer.alloc(9)
  head.writeUIntBE(payload.length, 0, 3)
  head[3] = types[type]
  head[4] = flags
  head.writeUInt32BE(stream, 5)
  return Buffer.concat([head, payload])
}

/** Literal fields that are not indexed (RFC 7541 §6.2.2), without Huffman coding. */
export function fieldsOf(fields: readonly (readonly [name: string, value: string])[]): Buffer {
  return Buffer.concat(fields.flatMap(([name, value]) => [Buffer.of(0), textOf(name), textOf(value)]))
}

function textOf(text: string): Buffer {
  const octets = Buffer.from(text, 'latin1')
  return Buffer.concat([lengthOf(octets.length), octets])
}

/** A number with a prefix of seven bits (RFC 7541 §5.1). */
function lengthOf(length: number): Buffer {
  if (length < 127) return Buffer.of(length)
  const octets = [127]
  let rest = length - 127
  while (rest >= 128) {
    octets.push((rest % 128) + 128)
    rest = Math.floor(rest / 128)
  }
  return Buffer.from([...octets, rest])
}

const usual = [
  [':method', 'GET'],
  [':scheme', 'https'],
  [':authority', 'gate.example'],
  [':path', '/'],
] as const

/** The head of a GET with further fields, in as many frames as it takes. */
export function request(
  stream: number,
  more: readonly (readonly [name: string, value: string])[] = [],
  flags: number = endStream,
): Buffer {
  const block = fieldsOf([...usual, ...more])
  const parts: Buffer[] = []
  for (let at = 0; at < block.length; at += 16_384) parts.push(block.subarray(at, at + 16_384))
  return Buffer.concat(
    parts.map((part, index) => {
      const last = index === parts.length - 1 ? endHeaders : 0
      return index === 0 ? frame('headers', flags | last, stream, part) : frame('continuation', last, stream, part)
    }),
  )
}

/** A connection that has sent its preface and SETTINGS, and reads whatever comes. */
export async function openHttp2(port: number): Promise<TLSSocket> {
  const socket = await shaken(port, { ALPNProtocols: ['h2'] })
  socket.write(Buffer.concat([preface, frame('settings', 0, 0)]))
  return socket
}

export interface ReadFrame {
  readonly type: number
  readonly flags: number
  readonly stream: number
  readonly payload: Buffer
}

/** Reads frames until the server closes, or until one is found. */
export function readFrames(
  socket: TLSSocket,
  isLast: (frame: ReadFrame) => boolean = () => false,
): Promise<ReadFrame[]> {
  return new Promise((resolve) => {
    let octets = Buffer.alloc(0)
    const frames: ReadFrame[] = []
    const onData = (chunk: Buffer): void => {
      octets = Buffer.concat([octets, chunk])
      while (octets.length >= 9 && octets.length >= 9 + octets.readUIntBE(0, 3)) {
        const length = octets.readUIntBE(0, 3)
        const read = {
          type: octets[3] ?? 0,
          flags: octets[4] ?? 0,
          stream: octets.readUInt32BE(5) & 0x7fffffff,
          payload: octets.subarray(9, 9 + length),
        }
        frames.push(read)
        octets = octets.subarray(9 + length)
        if (isLast(read)) done()
      }
    }
    const done = (): void => {
      socket.off('data', onData)
      resolve(frames)
    }
    socket.on('data', onData)
    socket.once('close', done)
  })
}
