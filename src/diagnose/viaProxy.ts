import { hostPort } from '../model/hostPort.ts'
import type { HttpExchange } from '../model/observation.ts'
import { hasBegun, ofKind } from './observations.ts'
import { octetsWords } from './octetsWords.ts'
import type { Wish } from './proxyAnswers.ts'
import {
  deniedBeside,
  dnsTroubleIn,
  grantedBeside,
  isDenial,
  reasonOf,
  refusalsOf,
  schemesOffered,
  unansweredBy,
} from './proxyAnswers.ts'
import { proxyNotReached } from './proxyNotReached.ts'
import { isDenied, resolverOf, wordOf } from './resolverAnswers.ts'
import type { Match, Rule } from './rule.ts'
import { idsOf } from './rule.ts'
import type { Seen } from './seen.ts'
import { duration, listed, placeOf } from './wording.ts'

/** Causes of a flow that goes out through a proxy of the site, which lie at the proxy or are told by it. */
export const viaProxyRules: readonly Rule[] = [
  { cause: 'proxy-dead', match: proxyWithoutAddress },
  { cause: 'admin-prohibited', match: keptFromProxy },
  { cause: 'proxy-dead', match: proxyNotReached },
  { cause: 'proxy-auth', match: credentialsWanted },
  { cause: 'captive-portal', match: signInWanted },
  { cause: 'proxy-dns', match: resolverOfProxy },
  { cause: 'proxy-port-denied', match: portDenied },
  { cause: 'proxy-name-denied', match: nameDenied },
  { cause: 'proxy-unreachable-target', match: targetNotReached },
  { cause: 'proxy-dead', match: noProxyThere },
  { cause: 'http-page-on-api', match: pageInTunnel },
]

function proxyWithoutAddress({ stop, flow }: Seen): Match | undefined {
  // A resolver that fails or stays silent says nothing about the proxy.
  if (stop?.phase !== 'name' || !stop.failed.every(isDenied)) return undefined
  const said = listed(stop.failed.map((one) => `${resolverOf(one)} ${wordOf(one)}`))
  return {
    confidence: 'certain',
    says: `the proxy ${flow.via} is not there: ${stop.failed[0]?.name ?? 'its name'} has no address (${said})`,
    fix: `correct the name of ${flow.via}: proxies: of the site file, WinHTTP, machine.config; or put it back into DNS`,
    alternatives: [],
    nextProbe: `look the name up on another machine that uses ${flow.via}`,
    decidedBy: idsOf(stop.failed),
  }
}

function keptFromProxy({ stop, flow, from }: Seen): Match | undefined {
  if (stop?.phase !== 'proxy') return undefined
  if (!stop.failed.every(({ outcome }) => outcome === 'admin-prohibited')) return undefined
  const [first] = stop.failed
  const where = first === undefined ? flow.via : hostPort(first.address, first.port)
  return {
    confidence: 'certain',
    says: `a device on the way to the proxy ${flow.via} says that the connection to ${where} is prohibited`,
    fix: `allow tcp ${from} -> ${where}`,
    alternatives: [],
    nextProbe: `traceroute -T to ${where} shows which device answers`,
    decidedBy: idsOf(stop.failed),
  }
}

function credentialsWanted(seen: Seen): Match | undefined {
  const asking = refusalsOf(seen).filter(({ exchange }) => exchange.status === 407)
  const [first] = asking
  if (first === undefined) return undefined
  const { flow } = seen
  const offered = schemesOffered(first.exchange)
  const shown = asking.some(({ exchange }) => exchange.showedCredentials === true)
  const fix = offered.includes('Basic')
    ? shown
      ? `correct the credentials of ${flow.via} (USER:PASSWORD, where credentials: of the site file points to), or exempt ${wanted(flow)} from authentication on the proxy`
      : `exempt ${wanted(flow)} from authentication on the proxy, since services send no credentials; or name some for Basic in the site file`
    : `exempt ${wanted(flow)} from authentication on the proxy: services send no credentials`
  return {
    confidence: 'certain',
    says: `the proxy ${flow.via} wants to know who asks for ${placeOf(flow)} (407${offered.length > 0 ? `: ${listed(offered)}` : ''})${answered(offered, shown)}`,
    fix,
    alternatives: [],
    nextProbe: readItsLog(flow),
    decidedBy: idsOf(asking),
  }
}

/** What was shown, and what we could not offer: only Basic is spoken. */
function answered(offered: readonly string[], shown: boolean): string {
  if (offered.length > 0 && !offered.includes('Basic')) return '; Postern speaks Basic only'
  return shown ? ', and does not accept the credentials that were sent' : '; no credentials were sent'
}

/** 511 is given by what stands before the proxy, or by a proxy that is a portal (RFC 6585 §6). */
function signInWanted(seen: Seen): Match | undefined {
  const stated = refusalsOf(seen).filter(({ exchange }) => exchange.status === 511)
  if (stated.length === 0) return undefined
  return {
    confidence: 'certain',
    says: `the network wants a sign-in before the proxy ${seen.flow.via} lets anything out (511)`,
    fix: 'sign in on the page, or exempt this machine from the portal',
    alternatives: [],
    nextProbe: 'open any plain HTTP page in a browser on this machine',
    decidedBy: idsOf(stated),
  }
}

function resolverOfProxy(seen: Seen): Match | undefined {
  const failing = failures(seen).filter(({ exchange }) => dnsTroubleIn(exchange) !== undefined)
  const [first] = failing
  if (first === undefined) return undefined
  const how = dnsTroubleIn(first.exchange)
  const passing = how === 'implied' ? grantedBeside(seen) : []
  const fails = `cannot resolve ${first.host} (${reasonOf(first.exchange)})`
  const noWay = `finds no way to ${first.authority} (${reasonOf(first.exchange)}), which squid says when its resolver gives no address`
  const others = passing.length > 0 ? `; ${listed(passing.map(({ authority }) => authority))} passes` : ''
  return {
    confidence: how === 'stated' ? 'certain' : how === 'told' || passing.length > 0 ? 'likely' : 'possible',
    says: `the proxy ${seen.flow.via} ${how === 'implied' ? noWay : fails}${others}`,
    fix: 'mend the resolver that the proxy uses',
    alternatives: how === 'stated' ? [] : ['proxy-unreachable-target'],
    nextProbe: `resolve ${first.host} on the proxy itself`,
    decidedBy: idsOf(failing, passing),
  }
}

function portDenied(seen: Seen): Match | undefined {
  const [first, ...again] = denials(seen)
  if (first === undefined) return undefined
  const granted = grantedBeside(seen)
  const sameName = granted.filter(({ host, port }) => host === first.host && port !== first.port)
  if (sameName.length === 0) return undefined
  const samePort = granted.filter(({ host, port }) => host !== first.host && port === first.port)
  const alone = samePort.length > 0
  return {
    // Another name that passes on the port speaks against a rule for the port alone.
    confidence: alone ? 'likely' : 'certain',
    says: denied(seen, first, [...sameName, ...samePort]),
    fix: alone
      ? `allow ${first.authority} on the proxy: this name at this port`
      : `allow ${seen.flow.target.service === 'http' ? '' : 'CONNECT to '}port ${first.port} on the proxy (on squid SSL_ports and Safe_ports)`,
    alternatives: alone ? ['proxy-name-denied'] : [],
    nextProbe: readItsLog(seen.flow),
    decidedBy: idsOf([first, ...again], sameName, samePort),
  }
}

function nameDenied(seen: Seen): Match | undefined {
  const [first, ...again] = denials(seen)
  if (first === undefined) return undefined
  const granted = grantedBeside(seen)
  const samePort = granted.filter(({ host, port }) => host !== first.host && port === first.port)
  // Denied on another port as well, where a second name passes: it is the name, whatever of the port.
  const also = deniedBeside(seen).filter(
    ({ host, port }) =>
      host === first.host && port !== first.port && granted.some((one) => one.host !== host && one.port === port),
  )
  const passing = [...samePort, ...granted.filter((one) => also.some(({ port }) => port === one.port))]
  const known = passing.length > 0
  const sent = (first.exchange.status ?? 0) >= 300 && (first.exchange.status ?? 0) < 400
  return {
    confidence: known ? (sent ? 'likely' : 'certain') : 'possible',
    says: denied(seen, first, passing, also),
    fix: `allow ${wanted(seen.flow)} on the proxy`,
    alternatives: [...(known ? [] : (['proxy-port-denied'] as const)), ...(sent ? (['captive-portal'] as const) : [])],
    nextProbe: known
      ? readItsLog(seen.flow)
      : `ask the proxy for ${seen.flow.target.port === 443 ? '' : 'the same name on 443, and for '}another name on the same port`,
    decidedBy: idsOf([first, ...again], also, passing),
  }
}

function denied({ flow }: Seen, first: Wish, passing: readonly Wish[], also: readonly Wish[] = []): string {
  const both = also.length > 0 ? ` and ${listed(also.map(({ authority }) => authority))}` : ''
  const others = passing.length > 0 ? `, and passes ${listed(passing.map(({ authority }) => authority))}` : ''
  return `the proxy ${flow.via} denies ${first.authority}${both} (${reasonOf(first.exchange)})${others}`
}

function targetNotReached(seen: Seen): Match | undefined {
  const { flow, otherWay } = seen
  const failing = failures(seen)
  const passing = grantedBeside(seen)
  const silent = silences(seen)
  // A proxy that serves others and is silent here waits for the target itself.
  const waiting = failing.length === 0 && silent.length > 0 && passing.length > 0
  if (failing.length === 0 && !waiting) return undefined
  const straight = ofKind(otherWay, 'tcp-connect').filter(({ outcome }) => outcome === 'connected')
  const to = failing[0] === undefined ? '' : ` (${reasonOf(failing[0].exchange)})`
  const others = passing.length > 0 ? `, and to ${listed(passing.map(({ authority }) => authority))} it does` : ''
  const here = straight.length > 0 ? '; straight from here the target is reached' : ''
  const waited = waiting ? `: it says nothing within ${duration(silent[0]?.ms ?? 0)}` : ''
  return {
    confidence: passing.length > 0 && !waiting ? 'likely' : 'possible',
    says: `the proxy ${flow.via} does not get through to ${placeOf(flow)}${to}${waited}${others}${here}`,
    fix: `let the proxy itself out to ${placeOf(flow)}`,
    alternatives: ['proxy-dns', ...(waiting ? (['proxy-name-denied'] as const) : []), 'cloud-side'],
    nextProbe: `connect to ${placeOf(flow)} from the proxy itself`,
    decidedBy: idsOf(failing, silent, passing, straight),
  }
}

function noProxyThere(seen: Seen): Match | undefined {
  const { flow } = seen
  const failed = unansweredBy(seen)
  // What passes others is a proxy, and alive.
  if (failed.length === 0 || grantedBeside(seen).length > 0) return undefined
  // Words that no proxy would say tell what it is; without a word it may be the way behind it as well.
  const silent = failed.every(({ outcome }) => outcome === 'timeout')
  const spoke = failed.some(
    ({ outcome }) => outcome === 'not-http' || outcome === 'too-large' || outcome === 'response',
  )
  return {
    confidence: spoke ? 'likely' : 'possible',
    says: `what listens where the proxy ${flow.via} should be ${conduct(failed)} when it is asked for ${placeOf(flow)}`,
    fix: `find out what listens there; ${flow.via} of the site file must be an HTTP proxy that takes CONNECT`,
    alternatives: [
      ...(spoke ? [] : (['proxy-unreachable-target'] as const)),
      ...(silent ? (['proxy-dns'] as const) : (['connection-limit'] as const)),
      'not-the-service',
    ],
    nextProbe: 'ask it for any other name',
    decidedBy: idsOf(failed),
  }
}

/** The proxy says that the tunnel stands, and a page comes where the server's TLS belongs. */
function pageInTunnel({ stop, flow, tunnels, otherWay }: Seen): Match | undefined {
  if (stop?.phase !== 'tls' || tunnels.worked.length === 0) return undefined
  const pages = stop.failed.filter(
    ({ outcome, firstOctets }) => outcome === 'not-tls' && /^(HTTP\/|<)/i.test(firstOctets ?? ''),
  )
  const straight = ofKind(otherWay, 'tls-handshake')
  const genuine = straight.filter(({ outcome }) => outcome === 'established')
  // A server of plain HTTP calls a ClientHello a bad request; whether it is one, the way past the proxy shows.
  const isServers = pages.every(({ firstOctets }) => /^HTTP\/\d\.\d 400\b/.test(firstOctets ?? ''))
  const known = genuine.length > 0
  if (pages.length === 0 || (!known && (isServers || straight.some(({ outcome }) => outcome === 'not-tls')))) {
    return undefined
  }
  return {
    confidence: known ? 'certain' : 'likely',
    says: `the proxy ${flow.via} says that the tunnel to ${placeOf(flow)} stands, and answers in it by itself, in plain HTTP${known ? '; straight from here the target speaks TLS' : ''}`,
    fix: `let the proxy pass ${wanted(flow)} on, without a page of its own`,
    alternatives: known ? [] : ['captive-portal', 'not-the-service'],
    nextProbe: readItsLog(flow),
    decidedBy: idsOf(tunnels.worked, pages, genuine),
  }
}

function denials(seen: Seen): readonly Wish[] {
  return refusalsOf(seen).filter(({ exchange }) => isDenial(exchange))
}

function failures(seen: Seen): readonly Wish[] {
  return refusalsOf(seen).filter(({ exchange }) => (exchange.status ?? 0) >= 500)
}

/** Wishes that the proxy took and left unanswered, where none was answered. */
function silences(seen: Seen): readonly HttpExchange[] {
  const failed = unansweredBy(seen)
  return failed.every((one) => one.outcome === 'timeout' && !hasBegun(one)) ? failed : []
}

function readItsLog({ via, from }: Seen['flow']): string {
  return `read the log of ${via} for ${from}`
}

function wanted({ target, to }: Seen['flow']): string {
  return target.pattern ?? target.name ?? to
}

function conduct(failed: readonly HttpExchange[]): string {
  const [first] = failed
  switch (first?.outcome) {
    case 'timeout':
      return hasBegun(first)
        ? `begins an answer (octets: ${first.bytesIn}) and does not finish it within ${duration(first.ms)}`
        : `gives no answer within ${duration(first.ms)}`
    case 'not-http':
      return `answers with what is no HTTP (${octetsWords(first.firstOctets ?? '') || 'nothing readable'})`
    case 'too-large':
      return 'sends more than the head of an answer may hold'
    case 'response':
      return `answers ${reasonOf(first)}`
    default:
      return `ends the connection (${first?.code ?? first?.outcome ?? 'no word'})`
  }
}
