import type { Alert } from '../model/incident.ts'
import type { OpenOutlet } from './openOutlets.ts'
import type { Delivery } from './outlet.ts'

export interface OutletTry {
  readonly site: string
  /** The host that watches. */
  readonly from: string
  /** A UUID that nothing else has. */
  readonly id: string
  /** Milliseconds since 1970. */
  readonly now: number
  readonly signal: AbortSignal
}

/** Sends one alert that says of itself that it is a test, once, past the spool; what came of it. */
export async function tryOutlet({ name, send, timeoutMs }: OpenOutlet, given: OutletTry): Promise<Delivery> {
  return send([{ kind: 'alert', alert: testAlert(name, given) }], { signal: given.signal, timeoutMs })
}

/** What came of a try, as a sentence for a terminal. */
export function tryWords({ name, kind }: Pick<OpenOutlet, 'name' | 'kind'>, delivery: Delivery): string {
  const { says } = delivery
  switch (delivery.kind) {
    case 'taken':
      return `${name} (${kind}) took the test alert: ${says}${delivery.lacks === undefined ? '' : `, but ${delivery.lacks}`}`
    case 'refused':
      return `${name} (${kind}) refuses the test alert: ${says}`
    case 'later':
      return `${name} (${kind}) did not take the test alert: ${says}`
    default:
      return delivery satisfies never
  }
}

export function testAlert(outlet: string, { site, from, id, now }: Omit<OutletTry, 'signal'>): Alert {
  return {
    ...{ id, at: now, reason: 'test', site, from },
    incident: {
      id,
      state: 'open',
      suspect: { kind: 'vantage', name: from },
      cause: 'undetermined',
      confidence: 'certain',
      severity: 'info',
      owner: 'tool',
      says: `This tries the outlet ${outlet}: nothing is wrong.`,
      fix: 'Nothing is to be done.',
      ...{ since: now, confirmedAt: now, lastSeenAt: now, flaps: 0, consequences: [], notes: [] },
      confirmedBy: { looks: 0, vantages: [] },
    },
  }
}
