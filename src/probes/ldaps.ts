import { askRootDse } from './askRootDse.ts'
import type { Observe } from './probe.ts'
import { shakeHands } from './shakeHands.ts'

export const observe: Observe = async (question, net, keep, limits) => {
  await shakeHands(question, [], net, keep, limits, async (socket) => {
    keep(await askRootDse(socket, question, net, limits, 'in-tls'))
  })
}
