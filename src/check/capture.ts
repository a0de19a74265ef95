import { setTimeout as pause } from 'node:timers/promises'
import { parseAddress, parseHostPort } from '../model/cidr.ts'
import type { NameLookup, Observation, PacketEvidence, TcpConnect, UdpExchange, Unfiled } from '../model/observation.ts'
import type { CaptureTold } from '../model/report.ts'
import type { Limits } from '../net/net.ts'
import type { Sniffer, Sniffing } from '../net/sniff.ts'
import { attemptEvidence } from '../wire/attemptEvidence.ts'
import { addressInPackets } from '../wire/captureFilter.ts'
import { datagramEvidence } from '../wire/datagramEvidence.ts'
import type { IcmpError } from '../wire/packet.ts'
import { KeptPackets } from './keptPackets.ts'
import type { Ledger } from './ledger.ts'

/**
 * Begins a capture of what goes to and comes from addresses.
 *
 * @param lives aborted: it is over, and what it has not handed out is lost
 * @param limits for the start
 */
export type StartCapture = (addresses: readonly string[], lives: AbortSignal, limits: Limits) => Promise<Sniffing>

/** For what follows the last attempt to come in, and for the tool to pass it on. */
const lingerMs = 100
/** Connections to one host that show how it answers. */
const mostStanding = 3
/** The longest that a tool may take to begin: a machine that is busy starts processes slowly. */
const startMs = 20_000
/** The longest that it may take to end. */
const stopMs = 3000

/** A capture that runs beside a check, or the word why there is none: the check goes on either way. */
export class Capture {
  readonly #ledger: Ledger
  readonly #kept: KeptPackets
  readonly #sniffer: Sniffer | undefined
  /** One interface alone is listened at. */
  readonly #isPartial: boolean
  readonly #lives: AbortController
  readonly #read: Promise<void>
  /** Connections that stand, a few of each host, each at another port. */
  readonly #standing = new Map<string, TcpConnect[]>()
  readonly #evidence = new Map<string, PacketEvidence | undefined>()
  #told: CaptureTold
  /** What its author did not foresee of the packets. */
  #fault: string | undefined
  #untilMs = Number.POSITIVE_INFINITY

  private constructor(ledger: Ledger, kept: KeptPackets, sniffing: Sniffing, lives: AbortController) {
    this.#ledger = ledger
    this.#kept = kept
    this.#lives = lives
    this.#isPartial = sniffing.kind === 'capturing' && sniffing.isPartial === true
    if (sniffing.kind === 'capturing') {
      this.#sniffer = sniffing.sniffer
      this.#told = { outcome: 'captured', packets: 0 }
      this.#read = this.#readAll(sniffing.sniffer).catch((error: unknown) => {
        this.#fault = reasonOf(error)
      })
    } else {
      const { why, remedy } = sniffing
      this.#told = { outcome: 'not-captured', packets: 0, why, ...(remedy !== undefined && { remedy }) }
      this.#read = Promise.resolve()
    }
  }

  /** @param addresses that will be asked, canonical */
  static async begin(
    start: StartCapture,
    addresses: readonly string[],
    ledger: Ledger,
    signal: AbortSignal,
  ): Promise<Capture> {
    const lives = new AbortController()
    // An address with a zone (RFC 4007) is none that a filter takes.
    const filtered = addresses.filter((address) => parseAddress(address) !== undefined)
    const sniffing: Sniffing =
      filtered.length === 0
        ? { kind: 'no-means', why: 'nothing is dialled, so there is nothing to capture' }
        : await start(filtered, lives.signal, { signal, timeoutMs: startMs }).catch(
            (error: unknown): Sniffing => ({ kind: 'no-means', why: reasonOf(error) }),
          )
    return new Capture(ledger, new KeptPackets(filtered.map(addressInPackets)), sniffing, lives)
  }

  /** What the report says of it. */
  get told(): CaptureTold {
    return this.#told
  }

  /**
   * Lets the last packets come, and ends it. Nothing is left of it whatever happens.
   *
   * @param seen everything that the check has seen: what stands anywhere shows how its host answers
   */
  async end(seen: Iterable<Observation>, limits: Limits, now: () => number): Promise<void> {
    if (this.#sniffer === undefined) return
    for (const one of seen) {
      if (one.kind !== 'tcp-connect' || one.outcome !== 'connected' || one.varies === 'source') continue
      const known = this.#standing.get(one.address)
      if (known === undefined) this.#standing.set(one.address, [one])
      else if (known.length < mostStanding && known.every(({ id, port }) => id !== one.id && port !== one.port)) {
        known.push(one)
      }
    }
    await pause(lingerMs, undefined, { signal: limits.signal }).catch(() => {})
    this.#untilMs = now()
    const end = await this.#sniffer.stop({ signal: limits.signal, timeoutMs: this.#sniffer.stopMs ?? stopMs })
    // What the tool has written may still be on its way; its end is the end of the pipe.
    const drained = new AbortController()
    const longest = pause(stopMs, undefined, { signal: drained.signal }).catch(() => {})
    await Promise.race([this.#read, longest])
    drained.abort()
    this.#lives.abort()
    await this.#read
    const packets = this.#kept.seen
    const fault = this.#fault
    this.#told =
      fault !== undefined
        ? { outcome: 'not-captured', packets, why: fault }
        : end.kind === 'stopped'
          ? { outcome: 'captured', packets, ...(end.lost !== undefined && { lost: end.lost }) }
          : { outcome: 'not-captured', packets, why: end.why }
  }

  /** Ends it at once. */
  abort(): void {
    this.#lives.abort()
  }

  /**
   * What packets show of the attempts of a flow: of those that failed, and of a few connections to the same host that
   * stand, whose answers are the host's own. To be asked for after the end.
   */
  evidenceOf(seen: readonly Observation[], address: string | undefined): readonly PacketEvidence[] {
    if (this.#sniffer === undefined) return []
    const attempts = seen.filter(isAttempt)
    // What failed for another flow is told there.
    const failed = attempts.filter(({ outcome, role }) => failing.has(outcome) && role !== 'context')
    const here = attempts.filter(
      (one) => one.kind === 'tcp-connect' && one.outcome === 'connected' && one.address === address,
    )
    const known = new Set(seen.map(({ id }) => id))
    const elsewhere = (this.#standing.get(address ?? '') ?? [])
      .filter(({ id }) => !known.has(id))
      .map((one): Attempt => ({ ...one, role: 'context' }))
    const standing = [...here, ...elsewhere].slice(0, mostStanding)
    return [...failed, ...standing].flatMap((one) => this.#evidenceOf(one) ?? [])
  }

  #evidenceOf(attempt: Attempt): PacketEvidence | undefined {
    const { id, role, varies } = attempt
    if (!this.#evidence.has(id)) this.#evidence.set(id, this.#look(attempt))
    const found = this.#evidence.get(id)
    if (found === undefined) return undefined
    const { id: own, role: _, varies: __, ...rest } = found
    // What it is there for is what the attempt is there for, in each flow that shows it.
    return { id: own, role, ...(varies !== undefined && { varies }), ...rest }
  }

  #look(attempt: Attempt): PacketEvidence | undefined {
    const seen = this.#lookAt(attempt)
    if (seen === undefined) return undefined
    // Of a capture that ended by itself nobody knows what it missed.
    const isWhole = this.#told.outcome === 'captured'
    if (!isWhole && seen.synAck === undefined && seen.rst === undefined && seen.icmp.length === 0) return undefined
    const into: Observation[] = []
    const { lost = 0 } = this.#told
    const filed = this.#ledger.page(into, 'probe')({ ...seen, ...(lost > 0 && { lost }) })
    return filed.kind === 'packet-evidence' ? filed : undefined
  }

  #lookAt(attempt: Attempt): Unfiled<PacketEvidence> | undefined {
    switch (attempt.kind) {
      case 'tcp-connect':
        return this.#lookAtConnect(attempt)
      case 'udp-exchange':
        return this.#lookAtDatagram(attempt, attempt)
      case 'name-lookup': {
        const place = parseHostPort(attempt.resolver)
        return place?.port === undefined
          ? undefined
          : this.#lookAtDatagram(attempt, { address: place.host, port: place.port })
      }
      default:
        return attempt satisfies never
    }
  }

  #lookAtConnect({ id, at, ms, address, port, localPort, outcome }: TcpConnect): Unfiled<PacketEvidence> | undefined {
    const sinceMs = Date.parse(at)
    const there = addressInPackets(address)
    const found = attemptEvidence(this.#kept.at(there, port), {
      address: there,
      port,
      ...(localPort !== undefined && { localPort }),
      sinceMs,
      // Its own port tells it from all others, and what comes late tells as well.
      untilMs: localPort === undefined ? sinceMs + ms + lingerMs : this.#untilMs,
    })
    if (found === undefined) {
      // Of a capture that has seen all there was, also what is not in it tells: the system sent no SYN.
      const isUnsent = outcome === 'timeout' && !this.#isPartial && this.#kept.isMissing(there, port)
      return isUnsent && (this.#told.lost ?? 0) === 0
        ? { kind: 'packet-evidence', at, ms, of: id, address, port, transport: 'tcp', sent: 0, icmp: [] }
        : undefined
    }
    const { synsSent, synAck, rst, ownRst, icmp, resent } = found
    return {
      kind: 'packet-evidence',
      at,
      ms,
      of: id,
      address,
      port,
      transport: 'tcp',
      sent: synsSent,
      ...(synAck !== undefined && { synAck: { ttl: synAck.ttl, afterMs: synAck.afterMs } }),
      ...(rst !== undefined && { rst: { ttl: rst.ttl, afterMs: rst.afterMs, before: rst.before } }),
      ...(ownRst !== undefined && { ownRst: true }),
      icmp: icmp.map(({ from, family, type, code, mtu }) => errorOf({ source: from, family, type, code, mtu })),
      ...(resent > 0 && { resent }),
    }
  }

  #lookAtDatagram(
    { id, at, ms }: UdpExchange | NameLookup,
    { address, port }: { readonly address: string; readonly port: number },
  ): Unfiled<PacketEvidence> | undefined {
    const sinceMs = Date.parse(at)
    const untilMs = sinceMs + ms + lingerMs
    const there = addressInPackets(address)
    const found = datagramEvidence(this.#kept.at(there, port), { address: there, port, sinceMs, untilMs })
    if (found === undefined) return undefined
    const { sent, errors } = found
    return { kind: 'packet-evidence', at, ms, of: id, address, port, transport: 'udp', sent, icmp: errors.map(errorOf) }
  }

  async #readAll({ packets }: Sniffer): Promise<void> {
    for await (const one of packets) this.#kept.add(one)
  }
}

function reasonOf(error: unknown): string {
  return `the capture of Postern failed: ${error instanceof Error ? error.message : String(error)}`
}

type Attempt = TcpConnect | UdpExchange | NameLookup

function isAttempt(one: Observation): one is Attempt {
  // A question to a name server is one datagram; over TCP it is not known from which port it was put.
  return (
    one.kind === 'tcp-connect' || one.kind === 'udp-exchange' || (one.kind === 'name-lookup' && one.transport === 'udp')
  )
}

/** What an attempt ends in that packets can say more of. */
const failing: ReadonlySet<Attempt['outcome']> = new Set([
  'refused',
  'reset',
  'timeout',
  'host-unreachable',
  'net-unreachable',
  'unreachable',
  'admin-prohibited',
  'error',
])

type Quoting = Pick<IcmpError, 'source' | 'family' | 'type' | 'code'> & { readonly mtu?: number | undefined }

function errorOf({ source, family, type, code, mtu }: Quoting): PacketEvidence['icmp'][number] {
  return { from: source, family, type, code, ...(mtu !== undefined && { mtu }) }
}
