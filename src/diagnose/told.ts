import type { ServiceExchange, UdpExchange } from '../model/observation.ts'
import type { ServiceAnswer, ServiceAnswerOf } from '../model/serviceAnswer.ts'
import { isOwn } from './observations.ts'
import type { Seen } from './seen.ts'

type Kind = ServiceAnswer['kind']

/** What a service said in its own protocol, and where that was seen. */
export interface Told<K extends Kind> {
  readonly seen: ServiceExchange | UdpExchange
  readonly answer: ServiceAnswerOf<K>
  /** The flow's own question; else another flow asked the same host. */
  readonly own: boolean
}

/** What the services of the flow's host said of a kind, the flow's own answers first; what a proxy reached is left out. */
export function toldBy<K extends Kind>({ kinds, address }: Seen, kind: K): readonly Told<K>[] {
  const all = [...kinds['service-exchange'], ...kinds['udp-exchange']].flatMap((seen) => {
    const { answer } = seen
    if (seen.address !== address || ('through' in seen && seen.through !== undefined)) return []
    return isOf(answer, kind) ? [{ seen, answer, own: isOwn(seen) }] : []
  })
  return [...all.filter(({ own }) => own), ...all.filter(({ own }) => !own)]
}

function isOf<K extends Kind>(answer: ServiceAnswer | undefined, kind: K): answer is ServiceAnswerOf<K> {
  return answer?.kind === kind
}
