/** Clients of HTTP/2 that write their own frames. */
import type { ReadFrame } from '../../http2Frames.ts'
import { endHeaders, endStream, fieldsOf, frame, openHttp2, readFrames } from '../../http2Frames.ts'
import type { TestGate } from '../openTestGate.ts'
import { hostOf } from './shoot.ts'

export type Fields = readonly (readonly [name: string, value: string])[]

/** Fields of a request as they are, `{host}` for what the gate is asked by. */
export function headersFrame(gate: Pick<TestGate, 'port'>, fields: Fields, flags: number, stream = 1): Buffer {
  const block = fieldsOf(fields.map(([name, value]) => [name, value.replaceAll('{host}', hostOf(gate))]))
  return frame('headers', flags | endHeaders, stream, block)
}

/** A request that is well, with some fields in the place of its own and some behind. */
export function wellFormed(over: Readonly<Record<string, string>> = {}, more: Fields = []): Fields {
  const usual = { ':method': 'GET', ':scheme': 'https', ':authority': '{host}', ':path': '/open/first', ...over }
  return [...Object.entries(usual), ...more]
}

export interface Http2Shot {
  readonly port: number
  readonly text: string
  /** A status, `reset CODE` of a stream or `goaway CODE` of the connection, in order. */
  readonly statuses: readonly (number | string)[]
}

/**
 * Sends frames behind the preface, and reads until the gate closes, or until so many streams have ended. Then it leaves.
 *
 * @param ends streams of the attack that must end; 0: the connection must
 */
export async function shootHttp2(gate: Pick<TestGate, 'port'>, frames: Uint8Array, ends = 1): Promise<Http2Shot> {
  const socket = await openHttp2(gate.port)
  const port = socket.localPort ?? 0
  let ended = 0
  const reading = readFrames(socket, (read) => {
    if (endsStream(read)) ended += 1
    return ends > 0 && ended >= ends
  })
  socket.write(frames)
  const read = await reading
  socket.destroy()
  return { port, text: '', statuses: read.flatMap(wordOf) }
}

const [data, headers, reset, goaway] = [0, 1, 3, 7]

function endsStream({ type, flags }: ReadFrame): boolean {
  return type === reset || ((type === data || type === headers) && (flags & endStream) !== 0)
}

function wordOf({ type, payload }: ReadFrame): readonly (number | string)[] {
  if (type === headers) return [statusIn(payload)]
  // NO_ERROR says that what else was to come is not wanted.
  const code = type === reset ? payload.readUInt32BE(0) : type === goaway ? payload.readUInt32BE(4) : 0
  return code === 0 ? [] : [`${type === reset ? 'reset' : 'goaway'} ${code}`]
}

/** Of the static table (RFC 7541 appendix A, 8 to 14). */
const indexed = [200, 204, 206, 304, 400, 404, 500] as const

/** The first field of a block, which is the status (RFC 9113 §8.3.2); 0 where it is written in another way. */
function statusIn(block: Buffer): number {
  let at = 0
  // Changes of the table's size come first (RFC 7541 §6.3).
  while (((block[at] ?? 0) & 0xe0) === 0x20) {
    let isLong = ((block[at] ?? 0) & 0x1f) === 0x1f
    at += 1
    while (isLong) {
      isLong = ((block[at] ?? 0) & 0x80) !== 0
      at += 1
    }
  }
  const first = block[at] ?? 0
  if (first >= 0x88 && first <= 0x8e) return indexed[first - 0x88] ?? 0
  if ((first & 0x0f) !== 8) return 0
  const length = (block[at + 1] ?? 0) & 0x7f
  const text = block.subarray(at + 2, at + 2 + length)
  return Number(((block[at + 1] ?? 0) & 0x80) === 0 ? text.toString('latin1') : huffmanDigits(text))
}

/** Digits (RFC 7541 appendix B): 0 to 2 have five bits, the others six. */
function huffmanDigits(octets: Buffer): string {
  const bits = [...octets].map((octet) => octet.toString(2).padStart(8, '0')).join('')
  let digits = ''
  for (let at = 0; digits.length < 3 && at < bits.length; ) {
    const isShort = bits.startsWith('000', at)
    digits += isShort ? Number.parseInt(bits.slice(at, at + 5), 2) : Number.parseInt(bits.slice(at, at + 6), 2) - 22
    at += isShort ? 5 : 6
  }
  return digits
}
