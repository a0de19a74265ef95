import { askRootDse } from './askRootDse.ts'
import { askStartTls } from './askStartTls.ts'
import { dial } from './dial.ts'
import type { Observe } from './probe.ts'

export const observe: Observe = async (question, net, keep, limits) => {
  const socket = await dial(question, net, keep, limits)
  if (socket === undefined) return
  const told = await askRootDse(socket, question, net, limits)
  keep(told)
  if (told.answer?.kind === 'root-dse') await askStartTls(socket, question, net, keep, limits)
  socket.destroy()
}
