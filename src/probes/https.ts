import { getUrl } from './getUrl.ts'
import type { Observe } from './probe.ts'
import { shakeHands } from './shakeHands.ts'

export const observe: Observe = async (question, net, keep, limits) => {
  const socket = await shakeHands(question, ['http/1.1'], net, keep, limits)
  if (socket === undefined) return
  const { address } = question
  keep(await net.request(socket, { url: getUrl('https', question), address, method: 'GET' }, limits))
}
