import { setTimeout as sleep } from 'node:timers/promises'
import type { Fault, FaultId, Lab } from '../lab/index.ts'

/**
 * What breaks by itself while the small network is watched, one after the other. The first and the third take many flows
 * with them; none changes the site file, which is read once.
 */
export const passingFaults = [
  'inspector-untrusted',
  'expired',
  'resolver-dead',
  'time-unsynchronised',
  'closed',
] as const satisfies readonly FaultId[]

/** From the begin of the watch to the first fault, from the begin of one to that of the next, and how long each lasts. */
export interface FaultTimes {
  readonly firstMs: number
  readonly everyMs: number
  readonly lastsMs: number
}

/** A fault is to last until it is confirmed, and the network to be well for longer than that. */
export function faultTimes(everySeconds: number): FaultTimes {
  const lastsMs = Math.max(30_000, everySeconds * 2000 + 15_000)
  return { firstMs: Math.max(10_000, everySeconds * 2000), everyMs: Math.round(lastsMs * 2.5), lastsMs }
}

/**
 * Lets faults come and go until the signal aborts. One that this machine cannot play is left out.
 *
 * @param said is told of each when it comes, and when it has gone
 */
export async function letFaultsPass(
  lab: Pick<Lab, 'inject' | 'heal'>,
  rows: readonly Pick<Fault<FaultId>, 'id' | 'title'>[],
  { firstMs, everyMs, lastsMs }: FaultTimes,
  said: (kind: 'broken' | 'mended', fault: { readonly title: string }) => void,
  signal: AbortSignal,
): Promise<void> {
  const left = [...rows]
  const wait = (ms: number): Promise<void> => sleep(ms, undefined, { signal }).catch(() => {})
  await wait(firstMs)
  while (!signal.aborted) {
    const row = left.shift()
    // Nothing can be played here: the network stays well.
    if (row === undefined) return
    try {
      await lab.inject(row.id)
    } catch {
      continue
    }
    left.push(row)
    if (!signal.aborted) said('broken', row)
    await wait(lastsMs)
    if (signal.aborted) return
    await lab.heal()
    said('mended', row)
    await wait(everyMs - lastsMs)
  }
}
