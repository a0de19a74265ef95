import { lookup as lookupBySystem } from 'node:dns'
import { isIP } from 'node:net'
import { canonicalAddress } from '../model/cidr.ts'
import type { NameLookup, Unfiled } from '../model/observation.ts'
import type { DnsAnswer, DnsMessage } from '../wire/dns.ts'
import { answersTo, decodeDnsMessage, encodeDnsQuery, isSameName } from '../wire/dns.ts'
import { asciiName } from './asciiName.ts'
import type { Clock } from './clock.ts'
import { startStamp } from './clock.ts'
import { connect } from './connect.ts'
import type { Send } from './datagram.ts'
import { udpExchange, udpOutcome } from './datagram.ts'
import { errorCode, machineLimits } from './errno.ts'
import type { Limits, LookupQuestion } from './net.ts'
import type { Ending } from './wait.ts'
import { wait } from './wait.ts'

export interface LookupTools {
  readonly clock: Clock
  readonly random: (octets: number) => Uint8Array
}

/** The part of an observation that an answer, or its absence, decides. */
type Answered = Pick<
  NameLookup,
  'outcome' | 'rcode' | 'authoritative' | 'truncated' | 'answers' | 'aliases' | 'ttlSec' | 'detail'
>

/** 1232 octets pass every path of IPv6's least MTU unfragmented (DNS flag day 2020). */
const ednsPayloadSize = 1232
/** Octets enough for the case of each letter of the longest name. */
const caseOctets = 32

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
  const stamp = startStamp(tools.clock)
  const bySystem = resolver === 'system'
  const transport = bySystem ? 'system' : question.transport
  const answered = bySystem
    ? await askSystem(question, limits)
    : await askServer(question, resolver, question.transport, limits, tools)
  return {
    kind: 'name-lookup',
    ...stamp(),
    name,
    type,
    resolver: bySystem ? 'system' : hostPort(resolver),
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
    const message = decodeDnsMessage(octets)
    const why = this.#whyNotOurs(message)
    if (why !== undefined) {
      const outcome = message.id === undefined ? 'malformed' : 'mismatch'
      this.#strange ??= { ...nothing, outcome, detail: why }
      return undefined
    }
    if (message.kind === 'unreadable') return { ...nothing, outcome: 'malformed', detail: message.why }
    const { rcode } = message
    const knowsNoEdns = rcode === rcodes.formatError || rcode === rcodes.notImplemented || rcode === rcodes.badVersion
    if (this.#withEdns && knowsNoEdns) {
      this.#withEdns = false
      return 'again'
    }
    return this.#answered(message)
  }

  #whyNotOurs(message: DnsMessage): string | undefined {
    if (message.kind === 'unreadable' && message.id === undefined) return message.why
    if (message.id !== this.#id) return `an answer with the id ${message.id}, asked was ${this.#id}`
    if (message.kind === 'unreadable') return undefined
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
    ? askByUdp(inquiry, first.octets, resolver, limits)
    : askByTcp(inquiry, first.octets, resolver, limits, tools.clock)
}

async function askByUdp(
  inquiry: Inquiry,
  query: Uint8Array,
  resolver: { readonly address: string; readonly port: number },
  limits: Limits,
): Promise<Answered> {
  const end = await udpExchange<Answered>(resolver, query, limits, (answer, send) =>
    readOrAskAgain(inquiry, answer, send),
  )
  if (typeof end !== 'object') return unanswered(end, inquiry)
  if ('taken' in end) return end.taken
  const code = errorCode(end.error)
  return failed(code, udpOutcome(code))
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
        const messages = new PrefixedMessages()
        const send = (octets: Uint8Array): void => {
          socket.write(prefixed(octets))
        }
        socket.on('data', (octets: Buffer) => {
          for (const message of messages.add(octets)) {
            const answered = readOrAskAgain(inquiry, message, send)
            if (answered !== undefined) return settle(answered)
          }
        })
        socket.once('end', () => {
          const { pending } = messages
          const detail = pending === 0 ? 'closed without an answer' : `closed after ${pending} octets of an answer`
          const outcome = pending === 0 ? 'unreachable' : 'malformed'
          settle(inquiry.strange ?? { ...nothing, outcome, detail })
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

function prefixed(octets: Uint8Array): Uint8Array {
  const message = Buffer.alloc(2 + octets.length)
  message.writeUInt16BE(octets.length)
  message.set(octets, 2)
  return message
}

/** Puts messages together that come in pieces; pieces are joined when enough are there, not one by one. */
class PrefixedMessages {
  #pieces: Buffer[] = []
  #have = 0
  #wanted = 2

  /** Octets of a message that is not whole yet. */
  get pending(): number {
    return this.#have
  }

  add(piece: Buffer): readonly Uint8Array[] {
    this.#pieces.push(piece)
    this.#have += piece.length
    const whole: Uint8Array[] = []
    while (this.#have >= this.#wanted) {
      const octets = Buffer.concat(this.#pieces)
      const end = 2 + octets.readUInt16BE(0)
      if (octets.length < end) {
        this.#pieces = [octets]
        this.#wanted = end
        break
      }
      whole.push(octets.subarray(2, end))
      this.#pieces = [octets.subarray(end)]
      this.#have = octets.length - end
      this.#wanted = 2
    }
    return whole
  }
}

/** A wait that ended: what came meanwhile and was not for us is more than silence. */
function unanswered(ending: Ending, inquiry: Inquiry): Answered {
  if (ending === 'timeout' && inquiry.strange !== undefined) return inquiry.strange
  return { ...nothing, outcome: ending }
}

function failed(code: string | undefined, outcome: 'refused' | 'unreachable' | 'error'): Answered {
  const detail = code === undefined ? {} : { detail: code }
  if (code !== undefined && machineLimits.has(code)) return { ...nothing, outcome: 'tool-limit', ...detail }
  return { ...nothing, outcome: outcome === 'refused' ? 'refused' : 'unreachable', ...detail }
}

/**
 * Asks as services on this machine do, by getaddrinfo, which knows the hosts file. It cannot be called off: after an
 * abort its answer is dropped.
 *
 * @throws TypeError when the type is none that the platform resolves
 */
async function askSystem({ name, type }: LookupQuestion, limits: Limits): Promise<Answered> {
  if (type !== 'A' && type !== 'AAAA') throw new TypeError(`the platform resolves A and AAAA, not ${type}`)
  const family = type === 'A' ? 4 : 6
  const asked = asciiName(name)
  const resolved = await wait<Answered | 'not-of-this-family'>(
    limits,
    (settle) => {
      lookupBySystem(asked, { all: true, family }, (error, addresses) => {
        if (error === null) return settle({ ...nothing, outcome: 'answer', answers: canonical(addresses) })
        settle(error.code === 'ENOTFOUND' ? 'not-of-this-family' : systemFailure(error.code))
      })
      return () => {}
    },
    (ending) => ({ ...nothing, outcome: ending }),
  )
  if (resolved !== 'not-of-this-family') return resolved
  // The platform gives one code for "no such name" and for "no such address": whether another family is known tells them apart.
  return wait<Answered>(
    limits,
    (settle) => {
      lookupBySystem(asked, { all: true }, (error) => {
        const outcome = error === null ? 'no-data' : 'name-error'
        settle({ ...nothing, outcome, ...(error !== null && { detail: error.code ?? error.message }) })
      })
      return () => {}
    },
    (ending) => ({ ...nothing, outcome: ending }),
  )
}

function systemFailure(code: string | undefined): Answered {
  return failed(code, 'unreachable').outcome === 'tool-limit'
    ? failed(code, 'unreachable')
    : { ...nothing, outcome: 'server-failure', ...(code !== undefined && { detail: code }) }
}

function canonical(addresses: readonly { readonly address: string }[]): readonly string[] {
  return [...new Set(addresses.map(({ address }) => canonicalAddress(address) ?? address))]
}

function hostPort({ address, port }: { readonly address: string; readonly port: number }): string {
  return isIP(address) === 6 ? `[${address}]:${port}` : `${address}:${port}`
}
