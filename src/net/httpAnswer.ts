import type { Socket } from 'node:net'
import type { HttpExchange } from '../model/observation.ts'
import type { HttpHead } from '../wire/http-head.ts'
import { fieldValue, splitHttpHead, unchunked } from '../wire/http-head.ts'
import type { Clock } from './clock.ts'
import { msSince } from './clock.ts'
import { CollectedOctets } from './collectedOctets.ts'
import { streamOutcome } from './errno.ts'
import type { Limits } from './net.ts'
import type { Ending } from './wait.ts'
import { wait } from './wait.ts'

const maxHeadBytes = 65_536
const maxPageBytes = 65_536
/** Interim answers (RFC 9110 §15.2) that are sat through before a server counts as not getting to the point. */
const mostInterim = 16

/** How the conversation ended, as against what was said in it. */
export type AnswerEnd = 'answered' | 'garbage' | 'too-large' | 'closed' | { readonly error: unknown } | Ending

/** Whether what follows a head is no longer HTTP. */
export type Switches = (head: HttpHead) => boolean

/**
 * Writes a request and reads what is said to it: the head up to 64 KiB, interim answers passed over, and of its body what
 * comes of 64 KiB. The connection is left open and paused; octets that came behind the end of HTTP are among `came`.
 *
 * @param switches the head behind which the connection is another protocol's: 2xx to CONNECT, 101 to Upgrade
 */
export async function readAnswer(
  socket: Socket,
  request: string,
  switches: Switches,
  limits: Limits,
  clock: Clock,
): Promise<{
  readonly end: AnswerEnd
  /** All that came so far. */
  readonly came: Uint8Array
  readonly ms: number
  readonly firstByteMs?: number
}> {
  const startMs = clock.monotonicMs()
  const collected = new CollectedOctets(maxHeadBytes + maxPageBytes)
  const kept: { ms: number; firstByteMs?: number } = { ms: 0 }
  const reader = new AnswerReader(switches)
  const end = await wait<AnswerEnd>(
    limits,
    (settle) => {
      if (socket.destroyed) {
        settle(socket.errored === null ? 'closed' : { error: socket.errored })
        return () => {}
      }
      const read = (): void => {
        for (let piece: Buffer | null = socket.read(); piece !== null; piece = socket.read()) {
          kept.firstByteMs ??= msSince(clock, startMs)
          const whole = collected.add(piece)
          const said = reader.read(collected.octets)
          if (said !== undefined) settle(said)
          else if (!whole) settle(reader.hasHead ? 'answered' : 'too-large')
          else continue
          return
        }
      }
      const onEnd = (): void => settle('closed')
      const onError = (error: Error): void => settle({ error })
      // Paused reading, so that what is the target's stays in the stream for whoever reads next.
      socket.on('readable', read)
      socket.once('end', onEnd)
      socket.once('error', onError)
      socket.once('close', onEnd)
      socket.write(request)
      return () => {
        kept.ms = msSince(clock, startMs)
        socket.off('readable', read)
        socket.off('end', onEnd)
        socket.off('error', onError)
        socket.off('close', onEnd)
      }
    },
    (ending) => ending,
  )
  return { end, came: collected.octets, ...kept }
}

/** Follows an answer as it grows, and knows when there is nothing more to wait for. */
class AnswerReader {
  readonly #switches: Switches
  #from = 0
  #searched = 0
  #interim = 0
  #bodyFrom: number | undefined
  #bodyLength: number | 'chunked' | undefined

  constructor(switches: Switches) {
    this.#switches = switches
  }

  get hasHead(): boolean {
    return this.#bodyFrom !== undefined
  }

  /** @param octets all that came so far */
  read(octets: Uint8Array): AnswerEnd | undefined {
    while (this.#bodyFrom === undefined) {
      const split = splitHttpHead(octets.subarray(this.#from), this.#searched)
      if (split.kind === 'not-http') return 'garbage'
      if (split.kind === 'incomplete') {
        this.#searched = octets.length - this.#from
        return octets.length > maxHeadBytes ? 'too-large' : undefined
      }
      this.#from += split.used
      this.#searched = 0
      if (this.#from > maxHeadBytes) return 'too-large'
      if (this.#switches(split.head)) return 'answered'
      if (isInterim(split.head)) {
        this.#interim += 1
        if (this.#interim > mostInterim) return 'too-large'
        continue
      }
      this.#bodyFrom = this.#from
      this.#bodyLength = bodyLengthOf(split.head)
    }
    if (this.#bodyLength === 'chunked') {
      const tail = Buffer.from(octets.subarray(Math.max(this.#bodyFrom, octets.length - 7))).toString('latin1')
      return /(?:^|\n)0\r?\n\r?\n$/.test(tail) ? 'answered' : undefined
    }
    if (this.#bodyLength === undefined) return undefined
    return octets.length - this.#bodyFrom >= this.#bodyLength ? 'answered' : undefined
  }
}

function isInterim({ status }: HttpHead): boolean {
  return status < 200
}

/** RFC 9112 §6.3; undefined lasts until the connection ends. */
function bodyLengthOf(head: HttpHead): number | 'chunked' | undefined {
  if (/\bchunked\b/i.test(fieldValue(head, 'transfer-encoding') ?? '')) return 'chunked'
  if (head.status === 204 || head.status === 304) return 0
  const length = fieldValue(head, 'content-length')
  if (length !== undefined && /^\d{1,15}$/.test(length)) return Number(length)
  return undefined
}

/** The body of an answer, as far as it came whole and sound. */
export function bodyOf(head: HttpHead, rest: Uint8Array): Uint8Array {
  const length = bodyLengthOf(head)
  const octets = rest.subarray(0, maxPageBytes)
  if (length === 'chunked') return unchunked(octets)
  return length === undefined ? octets : octets.subarray(0, length)
}

/** The first head that is no interim one, where it came whole, and what followed it. */
export function headOf(came: Uint8Array, switches: Switches): { readonly head?: HttpHead; readonly rest: Uint8Array } {
  let rest = came
  for (let seen = 0; seen <= mostInterim; seen += 1) {
    const split = splitHttpHead(rest)
    if (split.kind !== 'head') break
    rest = rest.subarray(split.used)
    if (came.length - rest.length > maxHeadBytes) break
    if (switches(split.head) || !isInterim(split.head)) return { head: split.head, rest }
  }
  return { rest: new Uint8Array() }
}

/** What had come of an answer that was never whole. */
export function octetsOfPart(outcome: HttpExchange['outcome'], came: number): Pick<HttpExchange, 'bytesIn'> {
  const whole = outcome === 'response' || outcome === 'not-http' || outcome === 'too-large'
  return whole || came === 0 ? {} : { bytesIn: came }
}

/** How an exchange ended, by what was read of it: a head that came counts, however the connection ended after it. */
export function exchangeOutcome(end: AnswerEnd, head: HttpHead | undefined): HttpExchange['outcome'] {
  if (end === 'aborted') return 'aborted'
  if (head !== undefined) return 'response'
  switch (end) {
    case 'answered':
    case 'garbage':
      return 'not-http'
    case 'too-large':
    case 'closed':
    case 'timeout':
      return end
    default:
      return streamOutcome(end.error)
  }
}
