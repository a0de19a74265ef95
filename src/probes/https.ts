import { getUrl } from './getUrl.ts'
import type { Observe } from './probe.ts'
import { shakeHands } from './shakeHands.ts'

export const observe: Observe = async (question, net, keep, limits) => {
  const { address, via } = question
  await shakeHands(question, ['http/1.1'], net, keep, limits, async (socket) => {
    const seen = await net.request(socket, { url: getUrl('https', question), address, method: 'GET' }, limits)
    keep(via === undefined ? seen : { ...seen, through: via.proxy })
  })
}
