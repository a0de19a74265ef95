import type { ServiceAnswer } from '../model/serviceAnswer.ts'
import type { Seen } from './seen.ts'

/** An answer in a service's own protocol, with the observation that holds it. */
export interface Answered {
  readonly id: string
  readonly answer: ServiceAnswer
  /** Of an answer inside HTTP, its status. */
  readonly status?: number
}

/** What the flow's own port said in its own protocol: on a connection, inside TLS or HTTP, or by datagram. */
export function answersOf({ services, datagrams, exchanges }: Seen): readonly Answered[] {
  const inHttp = exchanges.worked.flatMap(({ id, answer, status }) =>
    answer === undefined ? [] : [{ id, answer, ...(status !== undefined && { status }) }],
  )
  const bare = [...services.worked, ...datagrams.worked].flatMap(({ id, answer }) =>
    answer === undefined ? [] : [{ id, answer }],
  )
  return [...bare, ...inHttp]
}

/** It speaks DCE/RPC, and the endpoint mapper is none of its interfaces. */
export function isNoMapper(answer: ServiceAnswer): boolean {
  return (
    answer.kind === 'rpc-refused' &&
    answer.interface === 'epm' &&
    answer.reason.includes('abstract_syntax_not_supported')
  )
}
