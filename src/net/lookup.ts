import { canonicalAddress } from '../model/cidr.ts'
import { hostPort } from '../model/hostPort.ts'
import type { NameLookup, Unfiled } from '../model/observation.ts'
import type { DnsAnswer, DnsMessage } from '../wire/dns.ts'
import { answersTo, decodeDnsMessage, dnsMessageId, encodeDnsQuery, isSameName } from '../wire/dns.ts'
import { DnsStream, prefixedDnsMessage } from '../wire/dns-stream.ts'
import { listenBannerIn } from '../wire/listenBanner.ts'
import { printableOctets } from '../wire/printable-octets.ts'
import { asciiName } from './asciiName.ts'
import type { Clock } from './clock.ts'
import { startStamp } from './clock.ts'
import { connect } from './connect.ts'
import type { Place, Send } from './datagram.ts'
import { udpExchange } from './datagram.ts'
import { errorCode, machineLimits, udpOutcome } from './errno.ts'
import type { Limits, LookupQuestion } from './net.ts'
import type { PlatformEnd, PlatformResolver } from './platformResolver.ts'
import type { Ending } from './wait.ts'
import { wait } from './wait.ts'

export interface LookupTools {
  readonly clock: Clock
  readonly random: (octets: number) => Uint8Array
  readonly platform: PlatformResolver
}

/** The part of an observation that an answer, or its absence, decides. */
type Answered = Pick<
  NameLookup,
  | 'outcome'
  | 'rcode'
  | 'authoritative'
  | 'truncated'
  | 'answers'
  | 'aliases'
  | 'ttlSec'
  | 'detail'
  | 'contradictedBy'
  | 'answeredBy'
  | 'listener'
  | 'firstOctets'
>

/** 1232 octets pass every path of IPv6's least MTU unfragmented (DNS flag day 2020). */
const ednsPayloadSize = 1232
/** Octets enough for the case of each letter of the longest name. */
const caseOctets = 32

/** Messages that are not ours before the server counts as answering something else: strays and repeats are a few. */
const mostPassedOver = 64

const rcodes = {
  formatError: 1,
  serverFailure: 2,
  nameError: 3,
  notImplemented: 4,
  refused: 5,
  badVersion: 16,
} as const

/** One DNS question, over an own socket or to the platform. */
export async function lookup(
  question: LookupQuestion,
  limits: Limits,
  tools: LookupTools,
): Promise<Unfiled<NameLookup>> {
  const { name, type, resolver, resolverRole } = question
  const bySystem = resolver === 'system'
  if (bySystem) await tools.platform.start(limits)
  const stamp = startStamp(tools.clock)
  const transport = bySystem ? 'system' : question.transport
  const answered = bySystem
    ? await askPlatform(question, limits, tools.platform)
    : await askServer(question, resolver, question.transport, limits, tools)
  return {
    kind: 'name-lookup',
    ...stamp(),
    name,
    type,
    resolver: bySystem ? 'system' : hostPort(resolver.address, resolver.port),
    resolverRole,
    transport,
    ...answered,
  }
}

/** Follows one query on its way: it may be put twice, since some servers know no EDNS (RFC 6891 §7). */
class Inquiry {
  readonly #question: LookupQuestion
  readonly #random: LookupTools['random']
  #id = 0
  #asked = ''
  #withEdns = true
  #strange: Answered | undefined
  #passedOver = 0

  constructor(question: LookupQuestion, random: LookupTools['random']) {
    this.#question = question
    this.#random = random
  }

  /** What came that was no answer to this, when nothing else did. */
  get strange(): Answered | undefined {
    return this.#strange
  }

  /** The next query, under a fresh id; or the reason why there cannot be one. */
  query(): { readonly octets: Uint8Array } | { readonly why: string } {
    const { name, type } = this.#question
    const [high = 0, low = 0] = this.#random(2)
    this.#id = high * 256 + low
    const encoded = encodeDnsQuery({
      id: this.#id,
      name: asciiName(name),
      type,
      caseBits: this.#random(caseOctets),
      ...(this.#withEdns && { ednsPayloadSize }),
    })
    if (!encoded.ok) return { why: encoded.why }
    this.#asked = encoded.name
    return { octets: encoded.octets }
  }

  /** What a message says to the question; `again` when it is to be put once more, undefined when it is not for us. */
  read(octets: Uint8Array): Answered | 'again' | undefined {
    const banner = standIn(octets)
    if (banner !== undefined) return banner
    const id = dnsMessageId(octets)
    // What is not ours is not read any further: a flood of it costs a look at two octets each.
    if (id === undefined) return this.#passOver('malformed', `${octets.length} octets are no DNS message`)
    if (id !== this.#id) {
      return this.#passOver('mismatch', `an answer with the id ${id}, asked was ${this.#id}`)
    }
    const message = decodeDnsMessage(octets)
    if (message.kind === 'unreadable') return { ...nothing, outcome: 'malformed', detail: message.why }
    const why = this.#whyNotOurs(message)
    if (why !== undefined) return this.#passOver('mismatch', why)
    const { rcode } = message
    const knowsNoEdns = rcode === rcodes.formatError || rcode === rcodes.notImplemented || rcode === rcodes.badVersion
    if (this.#withEdns && knowsNoEdns) {
      this.#withEdns = false
      return 'again'
    }
    return this.#answered(message)
  }

  /** What came from another place than was asked: of interest where it knows the id of the question. */
  overhear(octets: Uint8Array, by: string): void {
    if (dnsMessageId(octets) !== this.#id || this.#strange?.answeredBy !== undefined) return
    this.#strange = {
      ...nothing,
      outcome: 'mismatch',
      answeredBy: by,
      detail: `an answer from ${by}, which was not asked`,
    }
  }

  /** Keeps the first thing that was not ours, in case nothing better comes; after too many of them nothing will. */
  #passOver(outcome: 'malformed' | 'mismatch', detail: string): Answered | undefined {
    this.#strange ??= { ...nothing, outcome, detail }
    this.#passedOver += 1
    return this.#passedOver < mostPassedOver ? undefined : this.#strange
  }

  #whyNotOurs(message: DnsMessage & { kind: 'message' }): string | undefined {
    if (!message.response) return 'a query came back, not an answer'
    const { question, rcode } = message
    // A server that could not read the question, or would not, may leave it out.
    if (question === undefined) return rcode === 0 ? 'an answer without the question' : undefined
    if (question.type === this.#question.type && isSameName(question.name, this.#asked)) return undefined
    return `an answer about ${question.name} ${question.type ?? 'of another type'}`
  }

  #answered(message: DnsMessage & { kind: 'message' }): Answered {
    const { rcode, authoritative, truncated } = message
    const { type } = this.#question
    const found = rcode === 0 ? answersTo(message.answers, this.#asked, type) : nothing
    const detail = [
      this.#withEdns ? undefined : 'the server knows no EDNS (RFC 6891 §7)',
      message.question === undefined || message.question.name === this.#asked
        ? undefined
        : 'the server does not repeat the case of letters',
    ].filter((remark) => remark !== undefined)
    return {
      outcome: outcomeOf(rcode, found, truncated),
      rcode,
      authoritative,
      ...(truncated && { truncated }),
      ...found,
      ...(detail.length > 0 && { detail: detail.join('; ') }),
    }
  }
}

const nothing: DnsAnswer = Object.freeze({ answers: [], aliases: [] })

/** What stands in for a name server that is not there yet says so in words of its own, and will say nothing else. */
function standIn(octets: Uint8Array): Answered | undefined {
  const listener = listenBannerIn(octets)
  if (listener === undefined) return undefined
  return { ...nothing, outcome: 'mismatch', listener, detail: 'a listener of Postern answers' }
}

function outcomeOf(rcode: number, found: DnsAnswer, truncated: boolean): NameLookup['outcome'] {
  switch (rcode) {
    case 0:
      // An answer that did not fit is an answer: how much of it came along is the server's choice.
      return found.answers.length > 0 || truncated ? 'answer' : 'no-data'
    case rcodes.serverFailure:
      return 'server-failure'
    case rcodes.nameError:
      return 'name-error'
    case rcodes.refused:
      return 'refused-by-policy'
    default:
      return 'other-rcode'
  }
}

async function askServer(
  question: LookupQuestion,
  resolver: { readonly address: string; readonly port: number },
  transport: 'udp' | 'tcp',
  limits: Limits,
  tools: LookupTools,
): Promise<Answered> {
  const inquiry = new Inquiry(question, tools.random)
  const first = inquiry.query()
  if ('why' in first) return { ...nothing, outcome: 'name-error', detail: `nothing was asked: ${first.why}` }
  return transport === 'udp'
    ? askByUdp(inquiry, first.octets, resolver, limits, question.hearOut === true)
    : askByTcp(inquiry, first.octets, resolver, limits, tools.clock)
}

async function askByUdp(
  inquiry: Inquiry,
  query: Uint8Array,
  resolver: { readonly address: string; readonly port: number },
  limits: Limits,
  hearOut: boolean,
): Promise<Answered> {
  let heard: Answered | undefined
  const hear = (answer: Uint8Array, send: Send, from: Place): Answered | undefined => {
    if (hearOut && !isFrom(from, resolver)) {
      inquiry.overhear(answer, hostPort(from.address, from.port))
      return undefined
    }
    const read = readOrAskAgain(inquiry, answer, send)
    if (!hearOut || read === undefined) return read
    if (heard !== undefined && contradict(heard, read)) {
      const outcome = read.outcome === 'answer' ? 'answer' : 'other'
      return { ...heard, contradictedBy: { outcome, answers: read.answers } }
    }
    heard ??= read
    return undefined
  }
  const end = await udpExchange<Answered>(resolver, query, limits, hear, hearOut)
  if (end === 'timeout' && heard !== undefined) return heard
  if (typeof end !== 'object') return unanswered(end, inquiry)
  if ('taken' in end) return end.taken
  const code = errorCode(end.error)
  return failed(code, udpOutcome(code))
}

function isFrom(one: Place, { address, port }: Place): boolean {
  return one.port === port && (canonicalAddress(one.address) ?? one.address) === (canonicalAddress(address) ?? address)
}

/** A datagram may be delivered twice; two that say different things were sent by two. */
function contradict(one: Answered, other: Answered): boolean {
  const said = ({ outcome, rcode, answers }: Answered): string => `${outcome} ${rcode} ${answers.toSorted().join()}`
  return one.outcome !== 'malformed' && other.outcome !== 'malformed' && said(one) !== said(other)
}

function readOrAskAgain(inquiry: Inquiry, octets: Uint8Array, send: Send): Answered | undefined {
  const read = inquiry.read(octets)
  if (read !== 'again') return read
  const next = inquiry.query()
  if ('octets' in next) send(next.octets)
  return undefined
}

/** RFC 1035 §4.2.2: two octets of length before each message, which may come in pieces of any size. */
async function askByTcp(
  inquiry: Inquiry,
  query: Uint8Array,
  resolver: { readonly address: string; readonly port: number },
  limits: Limits,
  clock: Clock,
): Promise<Answered> {
  const startMs = clock.monotonicMs()
  const { seen, socket } = await connect(resolver, limits, clock)
  if (socket === undefined) {
    const { outcome, code } = seen
    if (outcome === 'timeout' || outcome === 'aborted') return unanswered(outcome, inquiry)
    return failed(code, outcome === 'refused' ? 'refused' : 'unreachable')
  }
  // Connection and answer share one time-out: to the caller this is one question.
  const left = Math.max(1, limits.timeoutMs - (clock.monotonicMs() - startMs))
  try {
    return await wait<Answered>(
      { signal: limits.signal, timeoutMs: left },
      (settle) => {
        if (socket.destroyed) {
          settle(failed(errorCode(socket.errored), 'unreachable'))
          return () => {}
        }
        const stream = new DnsStream()
        let isFirst = true
        let firstOctets = ''
        const send = (octets: Uint8Array): void => {
          socket.write(prefixedDnsMessage(octets))
        }
        socket.on('data', (octets: Buffer) => {
          // Its first letters would be the length of a message that never comes.
          const banner = isFirst ? standIn(octets) : undefined
          if (isFirst) firstOctets = printableOctets(octets)
          isFirst = false
          if (banner !== undefined) return settle(banner)
          for (const message of stream.add(octets)) {
            const answered = readOrAskAgain(inquiry, message, send)
            if (answered !== undefined) return settle(answered)
          }
        })
        socket.once('end', () => {
          const { pending } = stream
          const detail = pending === 0 ? 'closed without an answer' : `closed after ${pending} octets of an answer`
          const outcome = pending === 0 ? 'unreachable' : 'malformed'
          settle(inquiry.strange ?? { ...nothing, outcome, detail, ...(pending > 0 && { firstOctets }) })
        })
        socket.on('error', (error) => settle(failed(errorCode(error), 'unreachable')))
        send(query)
        return () => {}
      },
      (ending) => unanswered(ending, inquiry),
    )
  } finally {
    socket.destroy()
  }
}

/** A wait that ended: what came meanwhile and was not for us is more than silence. */
function unanswered(ending: Ending, inquiry: Inquiry): Answered {
  if (ending === 'timeout' && inquiry.strange !== undefined) return inquiry.strange
  return { ...nothing, outcome: ending }
}

function failed(code: string | undefined, outcome: ReturnType<typeof udpOutcome>): Answered {
  const detail = code === undefined ? {} : { detail: code }
  if (code !== undefined && machineLimits.has(code)) return { ...nothing, outcome: 'tool-limit', ...detail }
  return { ...nothing, outcome: outcome === 'refused' ? 'refused' : 'unreachable', ...detail }
}

/**
 * Asks as services on this machine do, by getaddrinfo, which knows the hosts file.
 *
 * @throws TypeError when the type is none that the platform resolves
 */
async function askPlatform(
  { name, type }: LookupQuestion,
  limits: Limits,
  platform: PlatformResolver,
): Promise<Answered> {
  const family = familyOf(type)
  const asked = asciiName(name)
  const end = await platform.resolve(asked, family, limits)
  if (end.kind !== 'failed' || end.code !== noSuchName) return answeredBy(end)
  // The platform gives one code for "no such name" and for "no such address": whether another family is known tells them apart.
  const either = await platform.resolve(asked, 0, limits)
  return either.kind === 'addresses' ? { ...nothing, outcome: 'no-data' } : answeredBy(either)
}

const noSuchName = 'ENOTFOUND'

function familyOf(type: LookupQuestion['type']): 4 | 6 {
  if (type !== 'A' && type !== 'AAAA') throw new TypeError(`the platform resolves A and AAAA, not ${type}`)
  return type === 'A' ? 4 : 6
}

function answeredBy(end: PlatformEnd): Answered {
  switch (end.kind) {
    case 'addresses':
      return { ...nothing, outcome: 'answer', answers: canonical(end.addresses) }
    case 'failed':
      if (machineLimits.has(end.code)) return { ...nothing, outcome: 'tool-limit', detail: end.code }
      return { ...nothing, outcome: end.code === noSuchName ? 'name-error' : 'server-failure', detail: end.code }
    case 'no-means':
      return { ...nothing, outcome: 'tool-limit', detail: end.why }
    case 'timeout':
    case 'aborted':
      return { ...nothing, outcome: end.kind }
    default:
      return end satisfies never
  }
}

function canonical(addresses: readonly string[]): readonly string[] {
  return [...new Set(addresses.map((address) => canonicalAddress(address) ?? address))]
}
