import type { Limits, Net } from '../net/net.ts'
import type { RpcInterface } from '../wire/dceRpc.ts'
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
  const mapped = await mappedInterfaces(question, net, keep, limits)
  await Promise.all([...mapped].map(([port, asked]) => bindAll({ ...question, port }, asked, net, keep, limits)))
}

/**
 * Binds interfaces that share a port one after the other, each on a connection of its own: a bind begins one (C706 §12.6.3).
 * The first that gets no answer in DCE/RPC is the last: a port that is shut is dialled once, whatever lives behind it.
 */
async function bindAll(
  there: Question,
  interfaces: readonly RpcInterface[],
  net: Net,
  keep: Keep,
  limits: Limits,
): Promise<void> {
  for (const asked of interfaces) {
    const socket = await dial(there, net, keep, limits)
    if (socket === undefined) return
    const bound = await bindInterface(socket, asked, there, net, limits)
    keep(bound)
    socket.destroy()
    if (bound.outcome !== 'answer') return
  }
}

/** @returns the interfaces of each port that the mapper gives: of several for one interface, the lowest */
async function mappedInterfaces(
  question: Question,
  net: Net,
  keep: Keep,
  limits: Limits,
): Promise<ReadonlyMap<number, readonly RpcInterface[]>> {
  const mapped = new Map<number, RpcInterface[]>()
  const socket = await dial(question, net, keep, limits)
  if (socket === undefined) return mapped
  const bound = await bindInterface(socket, epm, question, net, limits)
  keep(bound)
  let stands = bound.answer?.kind === 'rpc-bound'
  for (const [at, asked] of Object.values(served).entries()) {
    if (!stands) break
    // The bind was the first call of the association.
    const told = await mapEndpoint(socket, asked, at + 2, question, net, limits)
    keep(told)
    stands = told.outcome === 'answer'
    const [port] = told.answer?.kind === 'endpoint' ? told.answer.ports : []
    if (port !== undefined) mapped.set(port, [...(mapped.get(port) ?? []), asked])
  }
  socket.destroy()
  return mapped
}
