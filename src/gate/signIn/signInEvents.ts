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
  const { status, ...told } = event
  const { port, localAddress, localPort } = connection
  return {
    kind: 'authentication',
    ...told,
    src: address === connection.address ? { address, port } : { address },
    dst: { address: localAddress, port: localPort },
    traceId,
    http: { method, host, path: target.path, ...(status !== undefined && { status }) },
  }
}

export function actorOf({ kind, tenantId, objectId }: Pick<Identity, 'kind' | 'tenantId' | 'objectId'>): EventActor {
  return { kind, tenantId, objectId }
}
