import type { ServiceAnswer } from '../model/serviceAnswer.ts'
import type { Seen } from './seen.ts'

/** An answer in a service's own protocol, with the observation that holds it. */
export interface Answered {
  readonly id: string
  readonly answer: ServiceAnswer
}

/** What the flow's own port said in its own protocol: on a connection, inside TLS or HTTP, or by datagram. */
export function answersOf({ services, datagrams, exchanges }: Seen): readonly Answered[] {
  return [...services.worked, ...datagrams.worked, ...exchanges.worked].flatMap(({ id, answer }) =>
    answer === undefined ? [] : [{ id, answer }],
  )
}

/** It speaks DCE/RPC, and the endpoint mapper is none of its interfaces. */
export function isNoMapper(answer: ServiceAnswer): boolean {
  return (
    answer.kind === 'rpc-refused' &&
    answer.interface === 'epm' &&
    answer.reason.includes('abstract_syntax_not_supported')
  )
}
