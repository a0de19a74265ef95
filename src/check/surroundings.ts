import type { Flow } from '../model/flow.ts'
import type { NameLookup, Observation, TcpConnect, TlsHandshake } from '../model/observation.ts'
import type { Question } from '../probes/probe.ts'
import type { Surroundings } from './controls.ts'
import type { Resolvers } from './resolveNames.ts'

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
  readonly #lookups: NameLookup[] = []
  readonly #portsPlanned = new Map<string, Set<number>>()

  constructor(asked: Iterable<Asked>, lookups: Iterable<Observation>, flows: readonly Flow[]) {
    for (const { observations } of asked) {
      for (const observation of observations) {
        if (observation.role !== 'probe') continue
        if (observation.kind === 'tcp-connect') push(this.#connects, observation.address, observation)
        if (observation.kind === 'tls-handshake') this.#handshakes.push(observation)
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
  around(question: Question, resolvers: Resolvers, otherAddresses: readonly string[]): Surroundings {
    const { address, port, name } = question
    const known = new Set((this.#connects.get(address) ?? []).map((connect) => connect.port))
    const planned = [...(this.#portsPlanned.get(address) ?? [])]
    const answered = this.#openPorts(address, port)
    // Another port of the host that answered already is a control that costs nothing more.
    const otherPorts = answered.length > 0 ? [] : [...planned, 443, 80].filter((other) => !known.has(other))
    const otherHosts =
      this.#samePort(address, port).length > 0
        ? []
        : [...this.#portsPlanned].filter(([host, ports]) => host !== address && ports.has(port)).map(([host]) => host)
    const control = this.#handshakes.find(
      (handshake) =>
        handshake.outcome === 'established' &&
        handshake.serverName !== undefined &&
        handshake.serverName !== name &&
        handshake.nameMatches === true,
    )
    return {
      resolvers,
      otherPorts: [...new Set(otherPorts)],
      otherHosts,
      otherAddresses,
      ...(control?.serverName !== undefined && { controlName: control.serverName }),
    }
  }

  /**
   * What other flows showed that decides here too, marked as such: the same host on other ports, other hosts on the
   * same port, other names' certificates and look-ups. A few of each: enough to compare, short enough to read.
   */
  context(question: Question): readonly Observation[] {
    const { address, port, name } = question
    const names = this.#otherNames(name)
    return [...this.#openPorts(address, port).slice(0, 3), ...this.#samePort(address, port).slice(0, 2), ...names].map(
      (observation) => ({ ...observation, role: 'context' as const }),
    )
  }

  /** Look-ups of other names that the same resolver answered. */
  contextOfName(name: string): readonly Observation[] {
    return this.#lookups
      .filter((lookup) => lookup.name !== name && lookup.outcome === 'answer')
      .slice(0, 2)
      .map((lookup) => ({ ...lookup, role: 'context' as const }))
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
}

/** The last two labels: names that differ here are unrelated enough for a certificate comparison. */
function organisation(name: string): string {
  return name.split('.').slice(-2).join('.')
}

function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key)
  if (list === undefined) map.set(key, [value])
  else list.push(value)
}
