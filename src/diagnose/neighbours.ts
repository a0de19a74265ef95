import { isPrivate, parseAddress } from '../model/cidr.ts'
import type { Transport } from '../model/flow.ts'
import type { TcpConnect } from '../model/observation.ts'
import type { ByKind } from './byKind.ts'
import { isAnswered, isAskedAt, resolverAddress } from './lookups.ts'

/** Something else that answered, or did not, in words and with the observation that shows it. */
export interface Neighbour {
  readonly id: string
  /** As a sentence names it: `389`, `443 on 10.1.0.6`. */
  readonly what: string
  /** How long it took. */
  readonly ms: number
}

/** Whether an address never leaves the machine: what answers there says nothing about the network. */
export function isLocal(address: string | undefined): boolean {
  return address !== undefined && (address === '::1' || address.startsWith('127.'))
}

/** Whether an address is one of the site's own networks, as far as an address tells. */
function isInside(address: string | undefined): boolean {
  const parsed = address === undefined ? undefined : parseAddress(address)
  return parsed !== undefined && isPrivate(parsed)
}

/** What other connections of the case say about the host of the flow, and about the network around it. */
export interface Neighbours {
  /** This machine's address on the way to the host, when a connection showed it. */
  readonly localAddress: string | undefined
  /** Other ports of the same address that accept connections or otherwise speak. */
  readonly sameHostOpen: readonly Neighbour[]
  /** Other ports of the same address that refuse: something there, or before it, answers. */
  readonly sameHostRefuses: readonly Neighbour[]
  /** Other ports of the same address that stay silent. */
  readonly sameHostSilent: readonly Neighbour[]
  /** The same port of other addresses on the same side, when it accepts connections. */
  readonly samePortOpen: readonly Neighbour[]
  /** Any connection to another address that was answered at all. */
  readonly elsewhereAnswers: readonly TcpConnect[]
  /** Of these the ones on the same side: a neighbour inside says nothing about the way out. */
  readonly comparableAnswers: readonly TcpConnect[]
  /** Connections to other addresses, one an address, that ran to their limit or found no route. */
  readonly elsewhereDead: readonly TcpConnect[]
}

/** The place that a flow's own question was put to. */
export interface Place {
  readonly address: string | undefined
  readonly port: number | undefined
  readonly transport: Transport
}

/** Sorts the connections of a case by what they have in common with the flow's own, whatever they were made for. */
export function neighboursOf(kinds: ByKind, place: Place): Neighbours {
  const { address, port, transport } = place
  // A proxy that was dialled is no neighbour of the target: what it answers is about itself.
  const connects = kinds['tcp-connect'].filter(({ outcome, proxy }) => outcome !== 'aborted' && proxy === undefined)
  const here = connects.filter((one) => one.address === address)
  // A TCP connection to the port of a UDP flow varies the transport: it is a neighbour, not the question again.
  const sameHost = here.filter((one) => one.port !== port || transport === 'udp')
  const elsewhere = connects.filter((one) => one.address !== address && isLocal(one.address) === isLocal(address))
  const comparable = elsewhere.filter((one) => isInside(one.address) === isInside(address))
  return {
    localAddress: here.find((one) => one.localAddress !== undefined)?.localAddress,
    sameHostOpen: [...sameHost.filter(({ outcome }) => outcome === 'connected').map(atPort), ...speakers(kinds, place)],
    sameHostRefuses: sameHost.filter(({ outcome }) => outcome === 'refused' || outcome === 'reset').map(atPort),
    sameHostSilent: sameHost
      .filter(({ outcome }) => outcome === 'timeout' || outcome === 'host-unreachable')
      .map(atPort),
    samePortOpen: comparable
      .filter((one) => one.port === port && one.outcome === 'connected')
      .map((one) => ({ id: one.id, what: `${one.port} on ${one.address}`, ms: one.ms })),
    elsewhereAnswers: elsewhere.filter(({ outcome }) => answered.has(outcome)),
    comparableAnswers: comparable.filter(({ outcome }) => answered.has(outcome)),
    elsewhereDead: onePerAddress(elsewhere.filter(({ outcome }) => !answered.has(outcome) && !unsaid.has(outcome))),
  }
}

const answered: ReadonlySet<TcpConnect['outcome']> = new Set(['connected', 'refused', 'reset'])
/** What says nothing about the network. */
const unsaid: ReadonlySet<TcpConnect['outcome']> = new Set(['tool-limit', 'error'])

const atPort = ({ id, port, ms }: TcpConnect): Neighbour => ({ id, what: String(port), ms })

/** Other services of the same address that spoke, over UDP or as a resolver. */
function speakers(kinds: ByKind, { address, port, transport }: Place): readonly Neighbour[] {
  const overUdp = kinds['udp-exchange']
    .filter((one) => one.address === address && one.outcome === 'answer')
    .filter((one) => one.port !== port || transport !== 'udp')
  const resolvers = kinds['name-lookup']
    .filter((one) => resolverAddress(one) === address && isAnswered(one))
    .filter((one) => one.transport !== transport || !isAskedAt(one, address, port))
  return [
    ...overUdp.map(({ id, port, ms }) => ({ id, what: `${port}/udp`, ms })),
    ...resolvers.map(({ id, transport, ms }) => ({ id, what: `DNS over ${transport}`, ms })),
  ]
}

function onePerAddress(connects: readonly TcpConnect[]): readonly TcpConnect[] {
  return connects.filter(({ address }, at) => connects.findIndex((one) => one.address === address) === at)
}
