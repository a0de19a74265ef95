import type { Flow } from '../model/flow.ts'
import type { NameLookup } from '../model/observation.ts'
import type { Attempts } from './attempts.ts'
import { attempts } from './attempts.ts'
import { sameName } from './names.ts'
import { isOwn } from './observations.ts'

/** The look-ups of a case, by what they are to it. */
export interface Lookups {
  /** The flow's name by the resolver that this machine uses. */
  readonly lookups: Attempts<NameLookup>
  /** The flow's name by a resolver outside the site, or over the other transport. */
  readonly controlLookups: readonly NameLookup[]
  /** Other names, whoever was asked. */
  readonly otherLookups: readonly NameLookup[]
  /** The questions to a DNS service that is the flow itself, over the transport of the flow. */
  readonly dns: Attempts<NameLookup>
  /** The same DNS service over the other transport, whatever for. */
  readonly dnsOtherwise: readonly NameLookup[]
  /** The flow's name at an address that is no resolver's. */
  readonly nowhere: readonly NameLookup[]
}

/** Sorts look-ups: resolving the name of a flow is one thing, a flow that is DNS itself another. */
export function lookupsOf(all: readonly NameLookup[], { target, via }: Flow, address: string | undefined): Lookups {
  const service = all.filter((one) => one.resolverRole === 'target' && isOwn(one))
  const resolutions = all.filter(({ resolverRole }) => resolverRole !== 'target' && resolverRole !== 'none')
  // What goes through a proxy is resolved there; the name that is looked up here is the proxy's own.
  const wanted = via === undefined ? target.name : resolutions.find(isOwn)?.name
  const ofName = resolutions.filter(({ name, type }) => sameName(name, wanted) && (type === 'A' || type === 'AAAA'))
  const compares = (one: NameLookup): boolean => one.resolverRole === 'control' || !isOwn(one)
  return {
    lookups: attempts(
      ofName.filter((one) => !compares(one)),
      // Of an answer that was cut short some records may be there; which, is the server's choice.
      ({ outcome, answers, truncated }) => outcome === 'answer' && answers.length > 0 && truncated !== true,
    ),
    controlLookups: ofName.filter((one) => compares(one) && one.outcome !== 'aborted'),
    nowhere: all.filter(({ resolverRole, name }) => resolverRole === 'none' && sameName(name, wanted)),
    otherLookups: resolutions.filter((one) => !ofName.includes(one) && one.outcome !== 'aborted'),
    dns: attempts(
      service.filter(({ transport }) => transport === target.transport),
      isAnswered,
    ),
    dnsOtherwise: all.filter(
      (one) =>
        one.transport !== target.transport &&
        one.transport !== 'system' &&
        (service.includes(one) || (target.service === 'dns' && isAskedAt(one, address, target.port))),
    ),
  }
}

/** Whether a look-up was put to the resolver at an address and port. */
export function isAskedAt(lookup: NameLookup, address: string | undefined, port: number | null | undefined): boolean {
  return address !== undefined && resolverAddress(lookup) === address && lookup.resolver.endsWith(`:${port}`)
}

/**
 * The address in a resolver's `address:port`.
 *
 * @returns undefined for the platform's own resolution
 */
export function resolverAddress({ resolver }: NameLookup): string | undefined {
  if (resolver === 'system') return undefined
  const colon = resolver.lastIndexOf(':')
  const bracketed = /^\[([^\]]*)\]/.exec(resolver)?.[1]
  return bracketed ?? (colon < 0 ? resolver : resolver.slice(0, colon))
}

/** Whether a resolver answered at all: a refusal with a code is an answer. */
export function isAnswered({ outcome }: NameLookup): boolean {
  switch (outcome) {
    case 'answer':
    case 'no-data':
    case 'name-error':
    case 'server-failure':
    case 'refused-by-policy':
    case 'other-rcode':
      return true
    case 'timeout':
    case 'refused':
    case 'unreachable':
    case 'malformed':
    case 'mismatch':
    case 'tool-limit':
    case 'aborted':
      return false
    default:
      return outcome satisfies never
  }
}
