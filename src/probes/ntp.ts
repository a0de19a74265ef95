import type { Observe } from './probe.ts'

export const observe: Observe = async ({ address, port }, net, keep, limits) => {
  const seen = await net.askTime({ address, port }, limits)
  keep(seen)
  // One lost datagram looks like silence.
  if (seen.outcome === 'timeout') keep(await net.askTime({ address, port }, limits), { role: 'repeat' })
}
