import { askIdentify } from './askIdentify.ts'
import { dial } from './dial.ts'
import type { Observe } from './probe.ts'

export const observe: Observe = async (question, net, keep, limits) => {
  const socket = await dial(question, net, keep, limits)
  if (socket !== undefined) keep(await askIdentify(socket, 'http', question, net, limits))
}
