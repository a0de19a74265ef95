import type { Socket } from 'node:net'
import type { ServiceExchange, Unfiled } from '../model/observation.ts'
import { printableOctets } from '../wire/printable-octets.ts'
import type { Clock } from './clock.ts'
import { startStamp } from './clock.ts'
import { errorCode, streamOutcome } from './errno.ts'
import type { Limits } from './net.ts'
import { wait } from './wait.ts'

/** A question of a protocol that the wire knows nothing of: its octets, and how to tell where the answer ends. */
export interface OctetQuestion {
  readonly octets: Uint8Array
  /**
   * How many octets the whole answer has that begins with these; undefined while too few came to know, `other` as soon as
   * they cannot be an answer of this protocol.
   */
  lengthOf(octets: Uint8Array): number | undefined | 'other'
}

/** What came of octets that were said on a connection. */
export type OctetExchange = Pick<
  Unfiled<ServiceExchange>,
  'at' | 'ms' | 'outcome' | 'code' | 'bytesOut' | 'bytesIn' | 'firstOctets'
>

/** No answer of any protocol that is asked here is longer, in octets; who sends more does not come to the point. */
const mostAnswer = 1_048_576

type End = 'answer' | 'other-protocol' | 'closed' | 'timeout' | 'aborted' | { readonly error: unknown }

/**
 * Says octets on an open connection and reads one whole answer. The connection is left open after an answer, with what
 * came beyond it unread, so that the next question may follow; after everything else it is destroyed.
 *
 * @param over with no reader of its own
 */
export async function askOctets(
  over: Socket,
  { octets, lengthOf }: OctetQuestion,
  limits: Limits,
  clock: Clock,
): Promise<{ readonly seen: OctetExchange; readonly answer?: Uint8Array }> {
  const stamp = startStamp(clock)
  // Chunks are joined when twice as much has come: who sends one octet at a time costs no more than who sends all.
  const came = { octets: Buffer.alloc(256), length: 0 }
  const kept: { answer?: Uint8Array } = {}
  const end = await wait<End>(
    limits,
    (settle) => {
      if (over.destroyed) {
        settle(over.errored === null ? 'closed' : { error: over.errored })
        return () => {}
      }
      const onData = (chunk: Buffer): void => {
        append(came, chunk)
        const length = lengthOf(came.octets.subarray(0, came.length))
        if (length === 'other' || (length ?? came.length) > mostAnswer) {
          settle('other-protocol')
        } else if (length !== undefined && came.length >= length) {
          over.pause()
          kept.answer = Uint8Array.from(came.octets.subarray(0, length))
          if (came.length > length) over.unshift(came.octets.subarray(length, came.length))
          settle('answer')
        }
      }
      const onEnd = (): void => settle('closed')
      const onError = (error: unknown): void => settle({ error })
      over.on('data', onData)
      over.once('end', onEnd)
      over.once('close', onEnd)
      over.on('error', onError)
      // The question before this one left it paused, with what came beyond its answer.
      over.resume()
      over.write(octets)
      return () => {
        over.off('data', onData)
        over.off('end', onEnd)
        over.off('close', onEnd)
        // The listener for errors stays: a reset between two questions must not bring the process down.
      }
    },
    (ending) => ending,
  )
  if (end !== 'answer') over.destroy()
  const code = typeof end === 'object' ? errorCode(end.error) : undefined
  const outcome = typeof end === 'object' ? streamOutcome(end.error) : end
  const whole = kept.answer
  return {
    seen: {
      ...stamp(),
      outcome,
      // Node says ECONNRESET of a plain end of the stream as well: that word would be read as a reset.
      ...(code !== undefined && outcome !== 'closed' && { code }),
      bytesOut: octets.length,
      bytesIn: whole?.length ?? came.length,
      ...(whole === undefined &&
        came.length > 0 && { firstOctets: printableOctets(came.octets.subarray(0, came.length)) }),
    },
    ...(whole !== undefined && { answer: whole }),
  }
}

function append(to: { octets: Buffer; length: number }, chunk: Buffer): void {
  const needed = to.length + chunk.length
  if (needed > to.octets.length) {
    const larger = Buffer.alloc(Math.max(needed, to.octets.length * 2))
    to.octets.copy(larger, 0, 0, to.length)
    to.octets = larger
  }
  chunk.copy(to.octets, to.length)
  to.length = needed
}
