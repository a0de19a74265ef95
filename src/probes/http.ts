import { dialPlain } from './dial.ts'
import { getUrl } from './getUrl.ts'
import type { Observe } from './probe.ts'

export const observe: Observe = async (question, net, keep, limits) => {
  const socket = await dialPlain(question, net, keep, limits)
  if (socket === undefined) return
  const { address, via } = question
  const asked = { url: getUrl('http', question), address, method: 'GET', ...(via && { proxy: via.proxy }) } as const
  keep(await net.request(socket, asked, limits))
}
