import type { Limits, Net } from '../net/net.ts'
import { rpcInterfaces } from '../wire/endpointMapper.ts'
import { bindInterface, mapEndpoint } from './askRpc.ts'
import { dial } from './dial.ts'
import type { Keep, Observe, Question } from './probe.ts'

const { epm, ...served } = rpcInterfaces

/**
 * The endpoint mapper first; then each interface is bound at the port that the mapper gives for it, which is what proves
 * the dynamic range: never a scan.
 */
export const observe: Observe = async (question, net, keep, limits) => {
  const ports = await mappedPorts(question, net, keep, limits)
  await Promise.all(
    Object.values(served).map(async (asked) => {
      const port = ports.get(asked.name)
      if (port === undefined) return
      const there = { ...question, port }
      const socket = await dial(there, net, keep, limits)
      if (socket === undefined) return
      keep(await bindInterface(socket, asked, there, net, limits))
      socket.destroy()
    }),
  )
}

/** @returns the first TCP port of each interface that the mapper knows one for */
async function mappedPorts(
  question: Question,
  net: Net,
  keep: Keep,
  limits: Limits,
): Promise<ReadonlyMap<string, number>> {
  const ports = new Map<string, number>()
  const socket = await dial(question, net, keep, limits)
  if (socket === undefined) return ports
  const bound = await bindInterface(socket, epm, question, net, limits)
  keep(bound)
  let stands = bound.answer?.kind === 'rpc-bound'
  for (const [at, asked] of Object.values(served).entries()) {
    if (!stands) break
    // The bind was the first call of the association.
    const mapped = await mapEndpoint(socket, asked, at + 2, question, net, limits)
    keep(mapped)
    stands = mapped.outcome === 'answer'
    const [port] = mapped.answer?.kind === 'endpoint' ? mapped.answer.ports : []
    if (port !== undefined) ports.set(asked.name, port)
  }
  socket.destroy()
  return ports
}
