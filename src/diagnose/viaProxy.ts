import type { Confidence } from '../model/cause.ts'
import type { HttpExchange, NameLookup, TcpConnect } from '../model/observation.ts'
import { isInOwnZone } from './names.ts'
import { resolverOf, wordOf } from './resolverAnswers.ts'
import type { Match, Rule } from './rule.ts'
import { idsOf } from './rule.ts'
import type { Seen } from './seen.ts'
import { isTunnel } from './seen.ts'
import { duration, hostPort, listed, placeOf } from './wording.ts'

/** Causes of a flow that goes out through a proxy of the site, which lie at the proxy or are told by it. */
export const viaProxyRules: readonly Rule[] = [
  {
    cause: 'proxy-dead',
    match({ stop, flow, otherWay, elsewhereAnswers }) {
      if (stop?.phase !== 'name' && stop?.phase !== 'proxy') return undefined
      const silent = stop.failed.every(({ outcome }) => outcome === 'timeout')
      const reached = otherWay.filter((one) => one.kind === 'tcp-connect' && one.outcome === 'connected')
      const answering = [...reached, ...elsewhereAnswers]
      // Silence alone may be this machine's own network: something else has to answer.
      if (silent && answering.length === 0) return undefined
      const straight = reached.length > 0 ? '; straight from here the target is reached' : ''
      return {
        confidence: silent ? 'likely' : 'certain',
        says: `the proxy ${flow.via} is not there: ${stop.phase === 'name' ? unresolved(stop.failed) : unreached(stop.failed)}${straight}`,
        fix: 'bring the proxy up, or give this machine one that works: proxies: of the site file, WinHTTP, machine.config',
        alternatives: silent ? ['filtered-silently', 'no-route'] : [],
        nextProbe: `run the check on another machine that uses ${flow.via}`,
        decidedBy: idsOf(stop.failed, silent ? answering : reached),
      }
    },
  },
  {
    cause: 'proxy-auth',
    match({ stop, flow }) {
      const asking = refusals(stop, (status) => status === 407)
      const [first] = asking
      if (first === undefined) return undefined
      const offered = schemesOf(first)
      return {
        confidence: 'certain',
        says: `the proxy ${flow.via} wants to know who asks for ${placeOf(flow)} (407${offered.length > 0 ? `: ${listed(offered)}` : ''})${answered(offered)}`,
        fix: `exempt ${wanted(flow)} from authentication on the proxy: services send no credentials; or name credentials for Basic in the site file`,
        alternatives: [],
        nextProbe: `read the log of ${flow.via} for this machine`,
        decidedBy: idsOf(asking),
      }
    },
  },
  {
    cause: 'proxy-dns',
    match({ stop, flow }) {
      const failing = refusals(stop, (status) => status >= 500).filter(tellsOfDns)
      if (failing.length === 0) return undefined
      return {
        confidence: 'certain',
        says: `the proxy ${flow.via} cannot resolve ${flow.target.name ?? flow.to} (${reasonOf(failing[0])})`,
        fix: 'mend the resolver that the proxy uses',
        alternatives: [],
        nextProbe: `resolve ${flow.target.name ?? flow.to} on the proxy itself`,
        decidedBy: idsOf(failing),
      }
    },
  },
  {
    cause: 'proxy-port-denied',
    match(seen) {
      const denied = denials(seen)
      if (denied.length === 0) return undefined
      const passing = seen.otherTunnels.filter((one) => isTunnel(one) && isSameName(one, denied[0]))
      if (passing.length === 0) return undefined
      return denial(
        seen,
        'certain',
        denied,
        passing,
        `allow CONNECT to port ${portOf(denied[0])} on the proxy (SSL_ports)`,
      )
    },
  },
  {
    cause: 'proxy-name-denied',
    match(seen) {
      const denied = denials(seen)
      if (denied.length === 0) return undefined
      const passing = seen.otherTunnels.filter((one) => isTunnel(one) && portOf(one) === portOf(denied[0]))
      const known = passing.length > 0
      return {
        ...denial(seen, known ? 'certain' : 'possible', denied, passing, `allow ${wanted(seen.flow)} on the proxy`),
        alternatives: known ? [] : ['proxy-port-denied'],
        nextProbe: known
          ? `read the log of ${seen.flow.via} for this machine`
          : 'ask the proxy for the same name on 443, and for another name on the same port',
      }
    },
  },
  {
    cause: 'proxy-unreachable-target',
    match({ stop, flow, otherTunnels }) {
      const failing = refusals(stop, (status) => status >= 500)
      if (failing.length === 0) return undefined
      const passing = otherTunnels.filter(isTunnel)
      return {
        confidence: passing.length > 0 ? 'likely' : 'possible',
        says: `the proxy ${flow.via} does not get through to ${placeOf(flow)} (${reasonOf(failing[0])})${passing.length > 0 ? `, and to ${listed(passing.map(({ url }) => url))} it does` : ''}`,
        fix: `let the proxy itself out to ${placeOf(flow)}`,
        alternatives: ['proxy-dns', 'cloud-side'],
        nextProbe: `connect to ${placeOf(flow)} from the proxy itself`,
        decidedBy: idsOf(failing, passing),
      }
    },
  },
  {
    cause: 'proxy-dead',
    match({ stop, flow, otherTunnels }) {
      if (stop?.phase !== 'tunnel') return undefined
      const silent = stop.failed.every(({ outcome }) => outcome === 'timeout')
      const passing = otherTunnels.filter(isTunnel)
      // A proxy that serves others and is silent here waits for the target itself.
      if (silent && passing.length > 0) return undefined
      return {
        confidence: 'likely',
        says: `what listens where the proxy ${flow.via} should be ${conduct(stop.failed)} when it is asked for ${placeOf(flow)}`,
        fix: `find out what listens there; ${flow.via} of the site file must be an HTTP proxy that takes CONNECT`,
        alternatives: ['not-the-service', 'connection-limit'],
        nextProbe: `ask it for any other name`,
        decidedBy: idsOf(stop.failed),
      }
    },
  },
  {
    cause: 'http-page-on-api',
    match({ stop, flow, tunnels }) {
      if (stop?.phase !== 'tls' || tunnels.worked.length === 0) return undefined
      const pages = stop.failed.filter(
        ({ outcome, firstOctets }) => outcome === 'not-tls' && /^(HTTP\/|<)/i.test(firstOctets ?? ''),
      )
      if (pages.length === 0) return undefined
      return {
        confidence: 'certain',
        says: `the proxy ${flow.via} says that the tunnel to ${placeOf(flow)} stands, and answers in it by itself, in plain HTTP`,
        fix: `let the proxy pass ${wanted(flow)} on, without a page of its own`,
        alternatives: [],
        nextProbe: `read the log of ${flow.via} for this machine`,
        decidedBy: idsOf(tunnels.worked, pages),
      }
    },
  },
]

/** A flow that fails straight out, and passes through a proxy: the proxy is the way. */
export const proxyRequired: Rule = {
  cause: 'proxy-required',
  match(seen) {
    const { stop, flow, otherWay } = seen
    if (stop === undefined || flow.via !== undefined || stop.phase === 'http') return undefined
    // A resolver that has names of the outside and not this one, or that says nothing, is a fault of its own.
    if (stop.phase === 'name' && !servesNoneOutside(seen, stop.failed)) return undefined
    const tunnels = otherWay.filter((one) => one.kind === 'http-exchange' && one.outcome === 'response')
    const stands = tunnels.find((one) => one.kind === 'http-exchange' && one.method === 'CONNECT' && isTunnel(one))
    const shaken = otherWay.filter((one) => one.kind === 'tls-handshake')
    const whole = shaken.some((one) => one.kind === 'tls-handshake' && one.outcome === 'established')
    if (stands?.kind !== 'http-exchange' || stands.through === undefined || (shaken.length > 0 && !whole))
      return undefined
    return {
      confidence: 'certain',
      says: `${placeOf(flow)} is reached through the proxy ${stands.through}, and not straight from here`,
      fix: `send it through the proxy: name ${flow.from} under used-by of ${stands.through} in the site file, and set the proxy for the service (WinHTTP, machine.config); or let ${flow.from} out to ${placeOf(flow)}`,
      alternatives: [],
      nextProbe: `postern doctor shows which proxy each setting of this machine names`,
      decidedBy: idsOf(stop.failed, [stands], shaken),
    }
  },
}

/** Whether the resolvers answer, and deny what is outside as a whole: names go to the proxy there. */
function servesNoneOutside({ otherLookups, context }: Seen, failed: readonly NameLookup[]): boolean {
  const denied = failed.every(({ rcode }) => rcode !== undefined && rcode !== 0)
  return denied && !otherLookups.some((one) => one.outcome === 'answer' && !isInOwnZone(one.name, context))
}

function refusals(stop: Seen['stop'], fits: (status: number) => boolean): readonly HttpExchange[] {
  if (stop?.phase !== 'tunnel') return []
  return stop.failed.filter(({ outcome, status }) => outcome === 'response' && status !== undefined && fits(status))
}

/** 403 as the standard has it, and what other proxies say for it: not allowed, gone for legal reasons. */
function denials({ stop }: Seen): readonly HttpExchange[] {
  return refusals(stop, (status) => status === 403 || status === 405 || status === 451)
}

function denial(
  { flow }: Seen,
  confidence: Confidence,
  denied: readonly HttpExchange[],
  passing: readonly HttpExchange[],
  fix: string,
): Match {
  const others = passing.length > 0 ? `, and passes ${listed(passing.map(({ url }) => url))}` : ''
  return {
    confidence,
    says: `the proxy ${flow.via} denies ${denied[0]?.url ?? placeOf(flow)} (${reasonOf(denied[0])})${others}`,
    fix,
    alternatives: [],
    nextProbe: `read the log of ${flow.via} for this machine`,
    decidedBy: idsOf(denied, passing),
  }
}

/** What the proxy says of a refusal: its status, and its own word for it where it gives one. */
function reasonOf(exchange: HttpExchange | undefined): string {
  if (exchange === undefined) return 'no answer'
  const { status, headers, body } = exchange
  const word = headers['x-squid-error']?.split(' ')[0] ?? headers['proxy-status'] ?? body.title
  return word === undefined ? String(status) : `${status}, ${word}`
}

/** Squid names it in a field of its own, RFC 9209 in `Proxy-Status`, others in the title of their page. */
function tellsOfDns({ headers, body }: HttpExchange): boolean {
  if (headers['x-squid-error']?.startsWith('ERR_DNS') === true) return true
  return /\bdns_(timeout|error)\b/.test(headers['proxy-status'] ?? '') || /\bdns\b/i.test(body.title ?? '')
}

function schemesOf({ headers }: HttpExchange): readonly string[] {
  const offered = headers['proxy-authenticate'] ?? ''
  const known = ['Negotiate', 'NTLM', 'Kerberos', 'Digest', 'Basic', 'Bearer']
  return known.filter((scheme) => new RegExp(`(^|,\\s*)${scheme}\\b`, 'i').test(offered))
}

/** What we could not offer: only Basic is spoken. */
function answered(offered: readonly string[]): string {
  if (offered.length === 0) return ''
  return offered.includes('Basic') ? '; no credentials that it takes were sent' : '; Postern speaks Basic only'
}

function isSameName(one: HttpExchange, other: HttpExchange | undefined): boolean {
  return other !== undefined && hostOfAuthority(one) === hostOfAuthority(other) && portOf(one) !== portOf(other)
}

function hostOfAuthority({ url }: HttpExchange): string {
  return url.slice(0, url.lastIndexOf(':'))
}

function portOf(exchange: HttpExchange | undefined): string {
  return exchange === undefined ? '' : exchange.url.slice(exchange.url.lastIndexOf(':') + 1)
}

function wanted({ target, to }: Seen['flow']): string {
  return target.pattern ?? target.name ?? to
}

function unresolved(failed: readonly NameLookup[]): string {
  return `${failed[0]?.name ?? 'its name'} has no address (${listed(failed.map((one) => `${resolverOf(one)} ${wordOf(one)}`))})`
}

function unreached(failed: readonly TcpConnect[]): string {
  const [first] = failed
  if (first === undefined) return 'it was not asked'
  const where = hostPort(first.address, first.port)
  return first.outcome === 'timeout'
    ? `${where} does not answer within ${duration(first.ms)}`
    : `${where} answers ${listed([...new Set(failed.map(({ code, outcome }) => code ?? outcome))])}`
}

function conduct(failed: readonly HttpExchange[]): string {
  const [first] = failed
  switch (first?.outcome) {
    case 'timeout':
      return `says nothing within ${duration(first.ms)}`
    case 'not-http':
      return `answers with what is no HTTP (${first.firstOctets ?? 'nothing readable'})`
    case 'response':
      return `answers ${reasonOf(first)}`
    default:
      return `ends the connection (${first?.code ?? first?.outcome ?? 'no word'})`
  }
}
