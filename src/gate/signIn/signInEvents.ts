import { hash } from 'node:crypto'
import type { Identity } from '../../identity/index.ts'
import type { EventActor, GateEvent } from '../../model/event.ts'
import type { Asked } from '../exchange.ts'

/** What all events of one request have in common; its query, in which codes travel, is not among it. */
export function eventOf(
  { address, connection, traceId, method, host, target }: Asked,
  event: Pick<GateEvent, 'activity' | 'outcome' | 'reason' | 'actor' | 'session' | 'detail'> & {
    readonly status?: number
  },
): GateEvent {
  const { status, detail, ...told } = event
  const correlation = correlationIn(target)
  const { port, localAddress, localPort } = connection
  return {
    kind: 'authentication',
    ...told,
    ...((detail ?? correlation) !== undefined && {
      detail: { ...detail, ...(correlation !== undefined && { correlation }) },
    }),
    src: address === connection.address ? { address, port } : { address },
    dst: { address: localAddress, port: localPort },
    traceId,
    http: { method, host, path: target.path, ...(status !== undefined && { status }) },
  }
}

/**
 * The id by which the sign-in log of the tenant has a sign-in: sent along with it, and told by the record, so that the two can
 * be joined. It follows from the state, which it does not give away.
 *
 * @param state 43 characters
 */
export function correlationOf(state: string): string {
  const hex = hash('sha256', `correlation ${state}`)
  return [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    '-',
  )
}

/** Of the answer that a browser brings back. */
function correlationIn({ path, query = '' }: Asked['target']): string | undefined {
  if (!path.endsWith('/callback')) return undefined
  const state = new URLSearchParams(query).get('state')
  return state !== null && /^[\w-]{43}$/.test(state) ? correlationOf(state) : undefined
}

export function actorOf({ kind, tenantId, objectId }: Pick<Identity, 'kind' | 'tenantId' | 'objectId'>): EventActor {
  return { kind, tenantId, objectId }
}
