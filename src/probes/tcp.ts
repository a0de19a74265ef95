import type { Observe } from './probe.ts'

export const observe: Observe = async ({ address, port }, net, keep, limits) => {
  const { seen, socket } = await net.connect({ address, port }, limits)
  socket?.destroy()
  keep(seen)
}
