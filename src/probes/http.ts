import { getUrl } from './getUrl.ts'
import type { Observe } from './probe.ts'

export const observe: Observe = async (question, net, keep, limits) => {
  const { address, port } = question
  const { seen, socket } = await net.connect({ address, port }, limits)
  keep(seen)
  if (socket === undefined) return
  keep(await net.request(socket, { url: getUrl('http', question), address, method: 'GET' }, limits))
}
