import type { Limits, Net } from '../net/net.ts'
import type { Keep, Question } from './probe.ts'

/** Connections that are held: what three alike meet is no chance. */
const heldConnections = 3

/**
 * Opens connections on which nothing is said: one is left at once, three are held for a stated time and left then. Who
 * leaves in answer at once, and not after the time, was forgotten on the way meanwhile.
 *
 * @param holdMs 1 to 600000
 */
export async function observeHeld(
  { address, port }: Question,
  net: Net,
  keep: Keep,
  limits: Limits,
  holdMs: number,
): Promise<void> {
  const leave = async (heldMs: number): Promise<void> => {
    const { seen, socket } = await net.connect({ address, port }, limits)
    const farewell = socket && (await net.farewell(socket, new Uint8Array(), limits, heldMs))
    keep({ ...seen, ...(farewell && { farewell }) }, { role: 'control', varies: 'idle' })
  }
  await Promise.all([leave(1), ...Array.from({ length: heldConnections }, () => leave(holdMs))])
}
