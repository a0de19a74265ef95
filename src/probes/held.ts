import type { Limits, Net } from '../net/net.ts'
import type { Keep, Question } from './probe.ts'

/** Connections that are held for one time: what three alike meet is no chance. */
const heldAlike = 3
/** Of the longest time: a path forgets after some of them, and not after others, which brackets its time-out. */
const parts = [1 / 8, 1 / 4, 1 / 2, 1] as const
/** So many connections a place: one is left at once. */
export const heldConnections = 1 + heldAlike * parts.length

/**
 * Opens connections on which nothing is said: one is left at once, three each are held for an eighth, a quarter, a half
 * and the whole of a stated time and left then, all side by side. Who leaves in answer at once, and not after some time,
 * was forgotten on the way meanwhile.
 *
 * @param longestMs 8 to 600000
 */
export async function observeHeld(
  { address, port }: Question,
  net: Net,
  keep: Keep,
  limits: Limits,
  longestMs: number,
): Promise<void> {
  const leave = async (heldMs: number): Promise<void> => {
    const { seen, socket } = await net.connect({ address, port }, limits)
    const farewell = socket && (await net.farewell(socket, new Uint8Array(), limits, heldMs))
    keep({ ...seen, ...(farewell && { farewell }) }, { role: 'control', varies: 'idle' })
  }
  await Promise.all([
    leave(1),
    ...parts.flatMap((part) => Array.from({ length: heldAlike }, () => leave(longestMs * part))),
  ])
}
