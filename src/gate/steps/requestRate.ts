import { networkOf } from '../../model/networkOf.ts'
import { problem } from '../answers.ts'
import type { Asked, OwnAnswer } from '../exchange.ts'
import { headerOf } from '../readAsked.ts'
import type { Step } from './step.ts'

/** Asked before anything is verified: to verify a token that somebody made up costs more than to refuse it. */
export const tokenRate: Step = {
  name: 'token-rate',
  what: 'verifies no tokens for an address that has sent too many which were not accepted',
  run: (asked, _found, { byAddress }) =>
    headerOf(asked.headers, 'authorization') === undefined
      ? undefined
      : tooMany(asked, byAddress.wait(networkOf(asked.address)), 'too-many-of-address'),
}

export const addressRate: Step = {
  name: 'address-rate',
  what: 'bounds the requests of one address (IPv6: one /64) without a sign-in',
  run: (asked, { caller }, { byAddress }) =>
    caller.by === 'nobody'
      ? tooMany(asked, byAddress.take(networkOf(asked.address)), 'too-many-of-address')
      : undefined,
}

export const identityRate: Step = {
  name: 'identity-rate',
  what: 'bounds the requests of one person or app',
  run: (asked, { caller }, { byIdentity }) => {
    if (caller.by === 'nobody') return undefined
    const { tenantId, objectId } = caller.identity
    return tooMany(asked, byIdentity.take(`${tenantId} ${objectId}`), 'too-many-of-identity')
  },
}

function tooMany(asked: Asked, seconds: number, reason: string): OwnAnswer | undefined {
  return seconds === 0 ? undefined : tooManyRequests(seconds, reason, asked.traceId)
}

/** @param seconds until there may be another one, 1 or more */
export function tooManyRequests(seconds: number, reason: string, traceId: string): OwnAnswer {
  const says = `these are more requests than one caller may send: wait ${seconds} s`
  return problem({ status: 429, reason, says, headers: [['retry-after', String(seconds)]] }, traceId)
}
