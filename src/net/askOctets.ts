import type { Socket } from 'node:net'
import type { ServiceExchange, Unfiled } from '../model/observation.ts'
import type { AnswerLength } from '../wire/answerLength.ts'
import { isNoAnswer, noAnswer, selfNamed } from '../wire/answerLength.ts'
import { printableOctets } from '../wire/printable-octets.ts'
import type { Clock } from './clock.ts'
import { startStamp } from './clock.ts'
import { CollectedOctets } from './collectedOctets.ts'
import { errorCode, streamOutcome } from './errno.ts'
import type { Limits } from './net.ts'
import { wait } from './wait.ts'

/** A question of a protocol that the wire knows nothing of: its octets, and how to tell where the answer ends. */
export interface OctetQuestion {
  readonly octets: Uint8Array
  /**
   * How many octets the whole answer has that begins with these; undefined while too few came to know, why not as soon as
   * they cannot be an answer of this protocol. Never asked about none.
   */
  lengthOf(octets: Uint8Array): AnswerLength
}

/** What came of octets that were said on a connection. */
export type OctetExchange = Pick<
  Unfiled<ServiceExchange>,
  'at' | 'ms' | 'outcome' | 'code' | 'bytesOut' | 'bytesIn' | 'firstOctets' | 'detail'
>

/** No answer of any protocol that is asked here is longer, in octets; who sends more does not come to the point. */
const mostAnswer = 1_048_576
const tooLong = noAnswer(`an answer of more than ${mostAnswer} octets`)

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
  // Whoever left the last answer unread that came with the one before it may have left as much again.
  const came = new CollectedOctets(2 * mostAnswer)
  const kept: { answer?: Uint8Array; why?: string } = {}
  const end = await wait<End>(
    limits,
    (settle) => {
      // The other end may have left before anything was asked: what ends is told once, and not again to who listens late.
      if (over.destroyed || over.readableEnded) {
        settle(over.errored === null ? 'closed' : { error: over.errored })
        return () => {}
      }
      const onData = (chunk: Buffer): void => {
        const length = came.add(chunk) ? lengthOf(came.octets) : tooLong
        if (isNoAnswer(length) || (length ?? came.octets.length) > mostAnswer) {
          kept.why = selfNamed(came.octets) ?? (isNoAnswer(length) ? length : tooLong).why
          settle('other-protocol')
        } else if (length !== undefined && came.octets.length >= length) {
          over.pause()
          kept.answer = new Uint8Array(came.octets.subarray(0, length))
          if (came.octets.length > length) over.unshift(came.octets.subarray(length))
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
        over.off('error', onError)
        // A reset between two questions must not bring the process down.
        if (over.listenerCount('error') === 0) over.on('error', () => {})
      }
    },
    (ending) => ending,
  )
  if (end !== 'answer') over.destroy()
  const code = typeof end === 'object' ? errorCode(end.error) : undefined
  const outcome = typeof end === 'object' ? streamOutcome(end.error) : end
  const { answer, why } = kept
  const first = answer === undefined ? printableOctets(came.octets) : ''
  return {
    seen: {
      ...stamp(),
      outcome,
      // Node says ECONNRESET of a plain end of the stream as well: that word would be read as a reset.
      ...(code !== undefined && outcome !== 'closed' && { code }),
      bytesOut: octets.length,
      bytesIn: answer?.length ?? came.octets.length,
      ...(first !== '' && { firstOctets: first }),
      ...(why !== undefined && { detail: why }),
    },
    ...(answer !== undefined && { answer }),
  }
}
