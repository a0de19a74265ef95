import type { CauseCode } from '../model/cause.ts'
import type { NameLookup } from '../model/observation.ts'
import { resolverAddress } from './lookups.ts'
import { areUnrelated, isInOwnZone, isOwnName, sameName } from './names.ts'
import { isDenied, outside, resolverOf, wordOf } from './resolverAnswers.ts'
import type { Match } from './rule.ts'
import { idsOf } from './rule.ts'
import type { Seen } from './seen.ts'
import { listed } from './wording.ts'

/**
 * A resolver that answers for the zone that it serves and fails at all that it has to ask others for: its own way out
 * fails, and no name of those. One name alone may be a broken zone or a filter, so that it takes a second one, unrelated to
 * the first; one name that it gives, and that it does not serve itself, shows that it gets out.
 */
export function forwardingFails(seen: Seen): Match | undefined {
  const { stop, flow, context, otherLookups } = seen
  if (stop?.phase !== 'name' || isOwnName(flow, context)) return undefined
  const [first] = stop.failed
  if (first === undefined || !stop.failed.every(isFailure)) return undefined
  const inside = otherLookups.filter(({ resolver, resolverRole, name }) => {
    return resolverRole === 'internal' && isInOwnZone(name, context) && asked(stop.failed, resolver)
  })
  const own = inside.filter(speaksForOwn)
  const serving = new Set(own.map(({ resolver }) => resolver))
  const others = otherLookups.filter(
    ({ resolver, name }) => serving.has(resolver) && name !== '.' && !isInOwnZone(name, context),
  )
  if (others.some(isForwarded)) return undefined
  const alike = others.filter((one) => isFailure(one) && areUnrelated(one.name, first.name))
  const [zone] = own
  if (zone === undefined || alike.length === 0) return undefined
  const controls = outside(seen).filter(({ name }) => sameName(name, first.name))
  // Where nobody gets through to the name, it is the name's own trouble, whatever ails the others.
  if (controls.some(({ outcome }) => outcome === 'server-failure')) return undefined
  const given = controls.filter(({ outcome, answers }) => outcome === 'answer' && answers.length > 0)
  const by = listed([...serving])
  const addresses = listed(own.flatMap((one) => resolverAddress(one) ?? []))
  const ways = [...new Set(stop.failed.filter(({ resolver }) => serving.has(resolver)).map(wordOf))]
  const elsewhere = given.length > 0 ? `; ${listed(given.map(resolverOf))} has it` : ''
  return {
    confidence: 'likely',
    says: `${by} answers for ${zone.name} and ${listed(ways)} for ${first.name}, as for ${listed([...new Set(alike.map(({ name }) => name))])}: what it serves works, and what it has to forward fails${elsewhere}`,
    fix: `on ${by} put forwarders that answer in the place of those that do not, and let it reach them (udp and tcp ${addresses} -> FORWARDER:53), or let it go by the root hints`,
    alternatives: leftOpen(stop.failed, given.length > 0),
    nextProbe: `list the forwarders of ${by} (Get-DnsServerForwarder; forward-zone of unbound, forwarders of bind) and ask each from there: postern check dns://FORWARDER`,
    decidedBy: idsOf(stop.failed, own, alike, given),
  }
}

/** That a resolver failed at a name, or came to no answer in time: it says so of what it has to ask others for. */
function isFailure({ outcome, resolverRole }: NameLookup): boolean {
  return resolverRole === 'internal' && (outcome === 'server-failure' || outcome === 'timeout')
}

/** What it answers of the zone, by itself or not: a denial counts where it has the say. */
function speaksForOwn(one: NameLookup): boolean {
  return one.outcome === 'answer' || (isDenied(one) && one.authoritative === true)
}

/** An answer that it had to get from somewhere. */
function isForwarded(one: NameLookup): boolean {
  return (one.outcome === 'answer' || isDenied(one)) && one.authoritative !== true
}

function asked(failed: readonly NameLookup[], resolver: string): boolean {
  return failed.some((one) => one.resolver === resolver)
}

/** A slow forwarder looks like a dead one, and without a comparison outside so does a site that is cut off. */
function leftOpen(failed: readonly NameLookup[], isGivenOutside: boolean): readonly CauseCode[] {
  const silent = failed.some(({ outcome }) => outcome === 'timeout')
  return [
    ...(silent ? (['resolver-slow'] as const) : []),
    'resolver-filters',
    ...(isGivenOutside ? [] : (['no-route'] as const)),
  ]
}
