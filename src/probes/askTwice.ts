import { setTimeout as sleep } from 'node:timers/promises'
import type { UdpExchange, Unfiled } from '../model/observation.ts'
import type { Limits } from '../net/net.ts'
import type { Keep } from './probe.ts'

/** What a question by datagram came to. */
interface Ended {
  readonly outcome: string
}

/** What a question by datagram and its repeat came to. */
export interface Twice<T extends Ended> {
  /** Ends as aborted where its repeat settled it: then it is waited for no longer. */
  readonly first: T
  /** Where the first one brought nothing, or the repeat settled it; absent too where the wait was called off. */
  readonly again?: T
}

/**
 * A datagram may be lost, and a stub resolver sends its question again (RFC 1035 §4.2.1): after a third of the wait, while
 * the first one is still waited for, so that silence costs one wait and not two.
 *
 * @param ask puts the question, each time anew
 * @param settles whether the other one is waited for no longer
 */
export async function askTwice<T extends Ended>(
  ask: (within: Limits) => Promise<T>,
  limits: Limits,
  settles: (seen: T) => boolean = isHeard,
): Promise<Twice<T>> {
  const { signal, timeoutMs } = limits
  const third = timeoutMs / 3
  const settled = new AbortController()
  const within = { timeoutMs, signal: AbortSignal.any([signal, settled.signal]) }
  const watched = async (asked: Promise<T>): Promise<T> => {
    const seen = await asked
    if (settles(seen)) settled.abort()
    return seen
  }
  const first = watched(ask(within))
  const repeat = async (): Promise<T | undefined> => {
    const turn = sleep(third, undefined, { signal: within.signal, ref: false }).catch(() => undefined)
    await Promise.race([turn, first])
    return within.signal.aborted ? undefined : watched(ask({ ...within, timeoutMs: Math.max(1, timeoutMs - third) }))
  }
  try {
    const [one, other] = await Promise.all([first, repeat()])
    if (other === undefined || other.outcome === 'aborted' || settles(one)) return { first: one }
    return isHeard(one) && !settles(other) ? { first: one } : { first: one, again: other }
  } finally {
    settled.abort()
  }
}

/** Whether anything came of a question: an answer, a refusal, or what is neither. */
export function isHeard({ outcome }: Ended): boolean {
  return outcome !== 'timeout' && outcome !== 'aborted'
}

/** Asks a service by datagram, and once more where nothing answers: one that is lost looks like silence. */
export async function observeTwice(
  ask: (within: Limits) => Promise<Unfiled<UdpExchange>>,
  keep: Keep,
  limits: Limits,
): Promise<void> {
  const { first, again } = await askTwice(ask, limits, isSettled)
  // Nothing came for the first one in all the time until its repeat was answered, which is what a time-out says.
  keep(again !== undefined && first.outcome === 'aborted' ? { ...first, outcome: 'timeout' } : first)
  if (again !== undefined) keep(again, { role: 'repeat' })
}

/** What is no answer to the question says nothing of whether one is still to come. */
function isSettled({ outcome, answer, listener, time }: Unfiled<UdpExchange>): boolean {
  if (outcome !== 'answer') return isHeard({ outcome })
  return answer !== undefined || listener !== undefined || time?.kind === 'time' || time?.kind === 'kiss'
}
