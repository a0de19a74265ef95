import { setTimeout as pause } from 'node:timers/promises'
import type { TcpConnect, Unfiled } from '../model/observation.ts'
import type { Limits, Net } from '../net/net.ts'
import type { Keep, Question } from './probe.ts'
import { seriesOf } from './seriesOf.ts'

/** New connections at a steady pace. */
export interface Series {
  readonly asked: 'loss' | 'rate'
  /** Connections a second, 1 or more. */
  readonly perSecond: number
  readonly count: number
}

/** Opens and leaves connections as far as others leave room for them. */
export type Slot = <T>(work: () => Promise<T>) => Promise<T>

/** Timers are no finer than this, in milliseconds: of a quicker pace several are sent at once. */
const tickMs = 10

/**
 * Opens new connections to one place at a steady pace and leaves each as soon as it stands, so that hardly more than one is
 * open at once: what counts connections counts none, and what counts new ones a second counts all.
 */
export async function observeSeries(
  { address, port }: Pick<Question, 'address' | 'port'>,
  { asked, perSecond, count }: Series,
  net: Net,
  keep: Keep,
  limits: Limits,
  slot: Slot,
): Promise<void> {
  const everyMs = Math.max(tickMs, 1000 / perSecond)
  const begunAt = net.now()
  const at = new Date(begunAt).toISOString()
  let lastMs = 0
  const made: Promise<Unfiled<TcpConnect>>[] = []
  const knock = async (): Promise<Unfiled<TcpConnect>> => {
    lastMs = Math.max(lastMs, net.now() - begunAt)
    const { seen, socket } = await net.connect({ address, port }, limits)
    socket?.destroy()
    return seen
  }
  for (let tick = 0; made.length < count && !limits.signal.aborted; tick += 1) {
    const due = Math.min(count, Math.floor(((tick + 1) * everyMs * perSecond) / 1000 + 1e-6))
    while (made.length < due) made.push(slot(knock))
    if (made.length === count) break
    // A timer is never early: what it was late is taken off the next one, and never so much that the pace doubles.
    const leftMs = (tick + 1) * everyMs - (net.now() - begunAt)
    const waitMs = Math.min(everyMs, Math.max(everyMs / 2, leftMs))
    await pause(waitMs, undefined, { signal: limits.signal }).catch(() => {})
  }
  const seen = seriesOf(await Promise.all(made), count, limits.timeoutMs)
  keep({ kind: 'connect-series', at, ms: lastMs, address, port, asked, perSecond, ...seen }, { role: 'control' })
}
