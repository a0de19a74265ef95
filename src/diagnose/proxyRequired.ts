import type { HttpExchange, NameLookup, Observation } from '../model/observation.ts'
import { isCutHello, isTunnel } from '../model/observation.ts'
import { isInOwnZone } from './names.ts'
import { ofKind } from './observations.ts'
import { isOfProxyItself } from './proxyAnswers.ts'
import { hasAddresses, outside } from './resolverAnswers.ts'
import type { Rule } from './rule.ts'
import { idsOf } from './rule.ts'
import type { Seen } from './seen.ts'
import { placeOf } from './wording.ts'

/** A flow that fails straight out, and passes through a proxy: the proxy is the way. */
export const proxyRequired: Rule = {
  cause: 'proxy-required',
  match(seen) {
    const { stop, flow, otherWay } = seen
    if (stop === undefined || flow.via !== undefined || !isKeptIn(seen)) return undefined
    const stands = ofKind(otherWay, 'http-exchange').find(isGranted)
    const shaken = ofKind(otherWay, 'tls-handshake')
    const whole = shaken.some(({ outcome }) => outcome === 'established')
    if (stands?.through === undefined || (shaken.length > 0 && !whole)) return undefined
    // A connection that stood and lost its ClientHello was let out by somebody: what took the hello is not known.
    const cut = stop.phase === 'tls'
    return {
      confidence: cut ? 'likely' : 'certain',
      says: `${placeOf(flow)} is reached through the proxy ${stands.through}, and not straight from here`,
      fix: `send it through the proxy: ${written(stands.through, flow.from)}, and set the proxy for the service (WinHTTP, machine.config); or let ${flow.from} out to ${placeOf(flow)}`,
      alternatives: cut ? ['sni-filter', 'pmtu-black-hole'] : [],
      nextProbe: 'postern doctor shows which proxy each setting of this machine names',
      decidedBy: idsOf(stop.failed, [stands], shaken),
    }
  },
}

/** How the site file learns of it: the proxy of the environment is called by its variable, as no thing of the site can be. */
function written(proxy: string, from: string): string {
  return proxy.startsWith('$')
    ? `add what ${proxy} names to proxies: of the site file, with ${from} under its used-by`
    : `name ${from} under used-by of ${proxy} in the site file`
}

/** Whether what failed is the way out, and not the name, the server, or one address of several. */
function isKeptIn(seen: Seen): boolean {
  const { stop } = seen
  switch (stop?.phase) {
    case 'name':
      // A resolver that has names of the outside and not this one, or that says nothing, is a fault of its own.
      return servesNoneOutside(seen, stop.failed)
    case 'connect':
      return !worksElsewhere(seen)
    case 'tls':
      // What answered, answered; what cuts one name and lets others pass is a filter of names.
      return stop.failed.every(isCutHello) && !worksElsewhere(seen) && seen.otherServerNames.length === 0
    default:
      return false
  }
}

/** The same name, reached straight at another of its addresses: this address is wrong, or is ill. */
function worksElsewhere({ observations }: Seen): boolean {
  return observations.some((one) => one.varies === 'address' && isReached(one))
}

function isReached(one: Observation): boolean {
  return (
    (one.kind === 'tcp-connect' && one.outcome === 'connected') ||
    (one.kind === 'tls-handshake' && one.outcome === 'established')
  )
}

/** A tunnel that stands, or an answer to plain HTTP that is not the proxy's own. */
function isGranted(one: HttpExchange): boolean {
  if (one.method === 'CONNECT') return isTunnel(one)
  if (!one.url.startsWith('http://') || one.outcome !== 'response' || isOfProxyItself(one)) return false
  return one.status !== undefined && one.status < 500 && one.status !== 403
}

/** Whether the resolvers answer, and deny what is outside as a whole: names go to the proxy there. */
function servesNoneOutside(seen: Seen, failed: readonly NameLookup[]): boolean {
  const { otherLookups, context } = seen
  const denied = failed.every(({ rcode }) => rcode !== undefined && rcode !== 0)
  // Where this machine gets names from outside by itself, a resolver that fails at them is no keeper: its own way out fails.
  const isBroken = failed.every(({ outcome }) => outcome === 'server-failure') && outside(seen).some(hasAddresses)
  return denied && !isBroken && !otherLookups.some((one) => one.outcome === 'answer' && !isInOwnZone(one.name, context))
}
