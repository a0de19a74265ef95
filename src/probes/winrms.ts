import { askIdentify } from './askIdentify.ts'
import type { Observe } from './probe.ts'
import { shakeHands } from './shakeHands.ts'

export const observe: Observe = async (question, net, keep, limits) => {
  await shakeHands(question, ['http/1.1'], net, keep, limits, async (socket) => {
    keep(await askIdentify(socket, 'https', question, net, limits))
  })
}
