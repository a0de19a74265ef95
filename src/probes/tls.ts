import type { Observe } from './probe.ts'
import { shakeHands } from './shakeHands.ts'

export const observe: Observe = async (question, net, keep, limits) => {
  await shakeHands(question, [], net, keep, limits)
}
