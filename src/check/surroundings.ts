import { skewOf } from '../diagnose/clock.ts'
import { areUnrelated, organisation } from '../diagnose/names.ts'
import type { Flow } from '../model/flow.ts'
import type {
  HttpExchange,
  NameLookup,
  Observation,
  ServiceExchange,
  TcpConnect,
  TlsHandshake,
  UdpExchange,
} from '../model/observation.ts'
import { isTunnel } from '../model/observation.ts'
import type { Scheme } from '../model/service.ts'
import type { ServiceQuestion } from '../model/serviceAnswer.ts'
import type { Question } from '../probes/probe.ts'
import { HostAnswers } from './hostAnswers.ts'
import { contextOfName } from './nameContext.ts'
import { PlaceAnswers } from './placeAnswers.ts'
import type { Resolvers } from './resolveNames.ts'

/** What the rest of the check can offer to judge one failure by. */
export interface Surroundings {
  readonly resolvers: Resolvers
  /** Ports of the same address that are worth a connection: planned ones first, not yet asked. */
  readonly otherPorts: readonly number[]
  /** Hosts that answered on the same port, for a connection that varies the host alone. */
  readonly otherHosts: readonly string[]
  /** Addresses of this machine from which connections of the check stand, those to the same host first. */
  readonly usedSources: readonly string[]
  /** Addresses of the same name that were not the first choice. */
  readonly otherAddresses: readonly string[]
  /** Whether a name is the site's own: no resolver outside is asked for it, and none would know. */
  readonly isOwn: (name: string) => boolean
  /** The same question by another way out: straight, where it goes through a proxy, and through a proxy, where it does not. */
  readonly otherWays: readonly Question[]
  /** The same question in the same tunnel's place, with its name or its port alone varied. */
  readonly otherTunnels: readonly OtherTunnel[]
  /** The same service of the host has answered over TCP already. */
  readonly saidOverTcp?: true
  /** Unrelated names speak no TLS where it belongs either: what stands there may have a page to show. */
  readonly nobodySpeaksTls?: true
  /** A name that passed elsewhere, to be sent as SNI to the failing address. */
  readonly controlName?: string
  /** A server that has nothing to do with the question, and the name that it answers to. */
  readonly neutral?: { readonly address: string; readonly port: number; readonly name: string }
}

export interface OtherTunnel {
  readonly varies: 'name' | 'port'
  readonly question: Question
}

/** One question as it was asked, with what was seen. */
export interface Asked {
  readonly question: Question
  readonly observations: readonly Observation[]
}

/**
 * What the whole check has seen, by the ways in which one failure is compared with its neighbours. Built once between
 * the questions and the controls: what is known already is not asked again.
 */
export class Neighbourhood {
  readonly #connects = new Map<string, TcpConnect[]>()
  readonly #handshakes: TlsHandshake[] = []
  readonly #exchanges: HttpExchange[] = []
  /** Answers that tell a clock: of time servers, of services that tell it by the way, and with a Date field. */
  readonly #clocks: TimeTeller[] = []
  readonly #lookups: NameLookup[] = []
  readonly #tunnels: HttpExchange[] = []
  readonly #proxiesReached = new Set<string>()
  readonly #places = new PlaceAnswers()
  readonly #hosts = new HostAnswers()
  readonly #portsPlanned = new Map<string, Set<number>>()
  /** Ports that were asked, whether anything has come back or not. */
  readonly #portsAsked = new Map<string, number[]>()

  constructor(asked: Iterable<Asked>, lookups: Iterable<Observation>, flows: readonly Flow[]) {
    for (const { question, observations } of asked) {
      this.#places.add(question, observations)
      this.#hosts.add(question, observations)
      if (question.transport === 'tcp' && question.via === undefined) {
        push(this.#portsAsked, question.address, question.port)
      }
      for (const observation of observations) {
        if (observation.role !== 'probe') continue
        if (observation.kind === 'tcp-connect' && observation.proxy === undefined)
          push(this.#connects, observation.address, observation)
        if (
          observation.kind === 'tcp-connect' &&
          observation.outcome === 'connected' &&
          observation.proxy !== undefined
        )
          this.#proxiesReached.add(observation.proxy)
        if (observation.kind === 'tls-handshake') this.#handshakes.push(observation)
        if (tellsTime(observation)) this.#clocks.push(observation)
        if (observation.kind === 'http-exchange' && observation.method === 'CONNECT') this.#tunnels.push(observation)
        else if (observation.kind === 'http-exchange' && isPlainAnswer(observation)) this.#exchanges.push(observation)
      }
    }
    for (const lookup of lookups) {
      if (lookup.kind === 'name-lookup' && lookup.role === 'probe') this.#lookups.push(lookup)
    }
    for (const { target } of flows) {
      if (target.address === undefined || target.port === null || target.transport !== 'tcp') continue
      const ports = this.#portsPlanned.get(target.address) ?? new Set()
      this.#portsPlanned.set(target.address, ports.add(target.port))
    }
  }

  /** What a failing question can still be compared with by asking. */
  around(
    question: Question,
    resolvers: Resolvers,
    isOwn: Surroundings['isOwn'],
    otherAddresses: readonly string[],
    otherWays: readonly Question[],
  ): Surroundings {
    const { address, port, name } = question
    if (question.via !== undefined) {
      const none = { otherHosts: [], otherAddresses: [], usedSources: [] }
      const heard = this.#besideProxy(question)
      const otherPorts = heard.length > 0 ? [] : usualPorts.filter((other) => other !== question.via?.port)
      return { resolvers, isOwn, ...none, otherPorts, otherWays, otherTunnels: this.#otherTunnels(question) }
    }
    const heard = (this.#connects.get(address) ?? []).map((connect) => connect.port)
    const known = new Set([...heard, ...(this.#portsAsked.get(address) ?? [])])
    const planned = [...(this.#portsPlanned.get(address) ?? [])]
    const answered = this.#openPorts(address, port)
    // Another port of the host that answered already is a control that costs nothing more.
    const otherPorts = answered.length > 0 ? [] : [...planned, ...usualPorts].filter((other) => !known.has(other))
    const otherHosts =
      this.#samePort(address, port).length > 0
        ? []
        : [...this.#portsPlanned].filter(([host, ports]) => host !== address && ports.has(port)).map(([host]) => host)
    const control = this.#handshakes.find(
      (handshake) =>
        handshake.outcome === 'established' &&
        handshake.through === undefined &&
        handshake.serverName !== undefined &&
        handshake.serverName !== name &&
        handshake.nameMatches === true,
    )
    const neutral = this.#handshakes.find(
      (handshake) =>
        handshake.outcome === 'established' &&
        handshake.nameMatches === true &&
        handshake.through === undefined &&
        handshake.address !== address &&
        !otherAddresses.includes(handshake.address) &&
        handshake.serverName !== undefined &&
        name !== undefined &&
        organisation(handshake.serverName) !== organisation(name),
    )
    return {
      resolvers,
      isOwn,
      otherPorts: [...new Set(otherPorts)],
      otherHosts,
      usedSources: this.#usedSources(address),
      otherAddresses,
      otherWays,
      otherTunnels: [],
      ...(this.#isSaidOverTcp(question) && { saidOverTcp: true }),
      ...(this.#otherPlain(name).length > 0 && { nobodySpeaksTls: true }),
      ...(control?.serverName !== undefined && { controlName: control.serverName }),
      ...(neutral?.serverName !== undefined && {
        neutral: { address: neutral.address, port: neutral.port, name: neutral.serverName },
      }),
    }
  }

  /**
   * A tunnel to the same name on 443, which every proxy allows if it allows the name, and one to the same port of a name
   * that passed elsewhere: what is known already is not asked again.
   */
  #otherTunnels(question: Question): readonly OtherTunnel[] {
    const { name, port, via } = question
    const known = this.#tunnels.filter(({ through }) => through === via?.proxy)
    const isKnown = (host: string | undefined, at: number): boolean => known.some(({ url }) => url === `${host}:${at}`)
    const tunnels: OtherTunnel[] = []
    if (port !== httpsPort && !isKnown(name, httpsPort)) {
      tunnels.push({ varies: 'port', question: { ...question, scheme: 'tcp', port: httpsPort } })
    }
    const passed = known.filter(isTunnel).map(({ url }) => url.slice(0, url.lastIndexOf(':')))
    const other = passed.find((host) => host !== name)
    if (other !== undefined && !passed.some((host) => host !== name && isKnown(host, port))) {
      tunnels.push({ varies: 'name', question: { ...question, scheme: 'tcp', name: other } })
    }
    return tunnels
  }

  /** Whether what is asked by datagram was answered over TCP to another flow, which is shown as context anyway. */
  #isSaidOverTcp(question: Question): boolean {
    const asked = question.transport === 'udp' ? askedOverTcp[question.scheme] : undefined
    return this.#hosts.besides(question).some((seen) => seen.kind === 'service-exchange' && seen.asked === asked)
  }

  /** What other flows showed that decides about this one too; of what must be closed, whether its host is there at all. */
  contextOf(
    { expect, target }: Pick<Flow, 'expect' | 'target'>,
    question: Question | undefined,
  ): readonly Observation[] {
    if (expect === 'closed') {
      return question === undefined ? [] : this.#openPorts(question.address, question.port).slice(0, 3).map(asContext)
    }
    return question === undefined
      ? contextOfName(this.#lookups, target.name ?? '').map(asContext)
      : this.#context(question)
  }

  /**
   * What other flows showed that decides here too, marked as such: the same host on other ports, other hosts on the
   * same port, other names' certificates, look-ups and plain pages. A few of each: enough to compare, short enough to read.
   */
  #context(question: Question): readonly Observation[] {
    const { address, port, name, via } = question
    if (via !== undefined) {
      return [
        ...this.#besideProxy(question),
        ...this.#tunnelsOf(question),
        ...this.#otherNames(name),
        ...this.#otherPages(question),
      ].map(asContext)
    }
    const shown = new Set([
      ...this.#places.besides(question),
      ...this.#hosts.besides(question),
      ...this.#openPorts(address, port).slice(0, 3),
      ...this.#samePort(address, port).slice(0, 2),
      ...this.#otherNames(name),
      ...this.#otherTls(address, port),
      ...this.#otherSilence(question),
      ...this.#otherPlain(name),
      ...this.#otherPages(question),
      ...this.#otherClocks(question),
    ])
    return [...shown].map(asContext)
  }

  /** Of a proxy that nobody reached: what its host answers elsewhere, and else what answers at all. */
  #besideProxy({ via, address }: Question): readonly TcpConnect[] {
    if (via === undefined || this.#proxiesReached.has(via.proxy)) return []
    const answered = [...this.#connects.values()]
      .flat()
      .filter(({ outcome }) => outcome === 'connected' || outcome === 'refused')
    const here = answered.filter((one) => one.address === address && one.port !== via.port)
    return [...new Set([...here, ...answered.filter((one) => one.address !== address)])].slice(0, 2)
  }

  /** What the same proxy said to other wishes: those for the same name, and those that it granted, the same port first. */
  #tunnelsOf({ name, port, via }: Question): readonly HttpExchange[] {
    const others = this.#tunnels.filter(({ through, url }) => through === via?.proxy && url !== `${name}:${port}`)
    const sameName = others.filter(({ url }) => url.startsWith(`${name}:`))
    const granted = others.filter(isTunnel)
    const samePort = granted.filter(({ url }) => url.endsWith(`:${port}`))
    return [...new Set([...sameName.slice(0, 2), ...[...new Set([...samePort, ...granted])].slice(0, 2)])]
  }

  #usedSources(address: string): readonly string[] {
    const here = this.#connects.get(address) ?? []
    const standing = [...here, ...[...this.#connects.values()].flat()].filter(({ outcome }) => outcome === 'connected')
    return [...new Set(standing.flatMap(({ localAddress }) => localAddress ?? []))]
  }

  #openPorts(address: string, except: number): readonly TcpConnect[] {
    return (this.#connects.get(address) ?? []).filter(
      ({ outcome, port }) => port !== except && (outcome === 'connected' || outcome === 'refused'),
    )
  }

  #samePort(except: string, port: number): readonly TcpConnect[] {
    const found: TcpConnect[] = []
    for (const [address, connects] of this.#connects) {
      if (address === except) continue
      const open = connects.find((connect) => connect.port === port && connect.outcome === 'connected')
      if (open !== undefined) found.push(open)
      if (found.length === 2) break
    }
    return found
  }

  /** Handshakes with unrelated names: one a distinct issuer, so that a re-signed and a genuine one both show. */
  #otherNames(name: string | undefined): readonly TlsHandshake[] {
    const byIssuer = new Map<string, TlsHandshake>()
    for (const handshake of this.#handshakes) {
      const issuer = handshake.chain[0]?.issuer
      if (handshake.serverName === undefined || issuer === undefined) continue
      if (name !== undefined && organisation(handshake.serverName) === organisation(name)) continue
      if (!byIssuer.has(issuer)) byIssuer.set(issuer, handshake)
      if (byIssuer.size === 3) break
    }
    return [...byIssuer.values()]
  }

  /** A handshake with the same address at another port, whatever the name: that host and the way to it carry TLS. */
  #otherTls(address: string, except: number): readonly TlsHandshake[] {
    const found = this.#handshakes.find(
      (one) =>
        one.address === address && one.port !== except && one.outcome === 'established' && one.through === undefined,
    )
    return found === undefined ? [] : [found]
  }

  /** Handshakes of unrelated names at other places to which not an octet came back: one path may lose both answers. */
  #otherSilence({ address, port, name }: Question): readonly TlsHandshake[] {
    const silent = this.#handshakes.filter(
      (one) =>
        one.outcome === 'timeout' &&
        one.bytesIn === 0 &&
        one.through === undefined &&
        one.serverName !== undefined &&
        name !== undefined &&
        areUnrelated(one.serverName, name) &&
        (one.address !== address || one.port !== port),
    )
    return silent.slice(0, 2)
  }

  /** Unrelated names that speak no TLS where it belongs, one an organisation: what all of them meet is none of theirs. */
  #otherPlain(name: string | undefined): readonly TlsHandshake[] {
    const byOrganisation = new Map<string, TlsHandshake>()
    for (const handshake of this.#handshakes) {
      const { outcome, serverName } = handshake
      if (outcome !== 'not-tls' || serverName === undefined || name === undefined) continue
      const group = organisation(serverName)
      if (group !== organisation(name) && !byOrganisation.has(group)) byOrganisation.set(group, handshake)
      if (byOrganisation.size === 2) break
    }
    return [...byOrganisation.values()]
  }

  /** For a time server, and for Kerberos: two other machines' clocks, and two of unrelated web servers. */
  #otherClocks({ scheme, address }: Question): readonly Observation[] {
    if (!restsOnTime.has(scheme)) return []
    const byOwner = new Map<string, TimeTeller>()
    for (const clock of this.#clocks) {
      const owner = clockOwner(clock)
      if (clock.kind !== 'http-exchange' && clock.address === address) continue
      if (!byOwner.has(owner)) byOwner.set(owner, clock)
    }
    const clocks = [...byOwner.values()]
    const isWeb = ({ kind }: TimeTeller): boolean => kind === 'http-exchange'
    return [...clocks.filter((one) => !isWeb(one)).slice(0, 2), ...clocks.filter(isWeb).slice(0, 2)]
  }

  /** Plain HTTP of unrelated names, redirects first: what answers for all of them alike is none of them. */
  #otherPages({ name, scheme }: Question): readonly HttpExchange[] {
    if (name === undefined || !overHttpOrTls.has(scheme)) return []
    const byOrganisation = new Map<string, HttpExchange>()
    for (const exchange of this.#exchanges.toSorted((a, b) => Number(isRedirect(b)) - Number(isRedirect(a)))) {
      const group = organisation(new URL(exchange.url).hostname)
      if (group === organisation(name) || byOrganisation.has(group)) continue
      byOrganisation.set(group, exchange)
      if (byOrganisation.size === 2) break
    }
    return [...byOrganisation.values()]
  }
}

/** Where a portal may answer in the place of the service, or dates are held against the clocks of others. */
const overHttpOrTls: ReadonlySet<Scheme> = new Set(['http', 'https', 'ws', 'wss', 'tls'])

/** By which question a service that is asked by datagram answers over TCP. */
const askedOverTcp: Readonly<Partial<Record<Scheme, ServiceQuestion>>> = Object.freeze({
  kerberos: 'kerberos-as-request',
  kpasswd: 'kpasswd-request',
  cldap: 'ldap-root-dse',
})

const restsOnTime: ReadonlySet<Scheme> = new Set(['ntp', 'kerberos', 'kpasswd'])

type TimeTeller = HttpExchange | ServiceExchange | UdpExchange

function tellsTime(observation: Observation): observation is TimeTeller {
  if (observation.kind === 'udp-exchange' && observation.time !== undefined) return true
  if (observation.kind === 'udp-exchange' || observation.kind === 'service-exchange') {
    return skewOf(observation) !== undefined && !('through' in observation)
  }
  return observation.kind === 'http-exchange' && observation.headers['date'] !== undefined
}

/** Whose clock it is: a machine's own, or that of an organisation's web servers. */
function clockOwner(clock: TimeTeller): string {
  if (clock.kind !== 'http-exchange' || !URL.canParse(clock.url)) return clock.address
  return organisation(new URL(clock.url).hostname)
}

/**
 * An observation as other flows show it, under the id that it has where it was made. What a chain says beyond its leaf's
 * names is told there, so that one server's certificates are not repeated for every flow.
 */
function asContext(observation: Observation): Observation {
  if (observation.kind !== 'tls-handshake') return { ...observation, role: 'context' }
  const [leaf, ...issuers] = observation.chain
  const told = issuers.map((issuer) => ({ ...issuer, subjectAltNames: [], caIssuers: [] }))
  return { ...observation, role: 'context', chain: leaf === undefined ? [] : [leaf, ...told] }
}

/** What the same question showed at another address of the name, for the judgement of one that fails. */
export function asOtherAddress({ observations }: Asked): readonly Observation[] {
  return observations
    .filter(({ kind, role }) => kind !== 'name-lookup' && kind !== 'tool-limit' && role === 'probe')
    .map((one) => ({ ...asContext(one), varies: 'address' }))
}

/** A list in which nothing is told twice: what stands first stays. */
export function oncePerId(observations: readonly Observation[]): readonly Observation[] {
  const ids = new Set<string>()
  return observations.filter(({ id }) => !ids.has(id) && ids.add(id).has(id))
}

function isPlainAnswer({ outcome, url }: HttpExchange): boolean {
  return outcome === 'response' && url.startsWith('http://') && URL.canParse(url)
}

const httpsPort = 443
/** What a host of any kind is tried at: who is there refuses, if it does not take it. */
const usualPorts = [httpsPort, 80] as const

function isRedirect({ status = 0 }: HttpExchange): boolean {
  return status >= 300 && status <= 399
}

function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key)
  if (list === undefined) map.set(key, [value])
  else list.push(value)
}
