import { createSocket, type Socket as UdpSocket } from 'node:dgram'
import { once } from 'node:events'
import type { Socket } from 'node:net'
import dnsPacket from 'dns-packet'
import { type Doorway, openDoorway } from './doorway.ts'
import { type LabRecord, labDomain, loopback, startOfAuthority, zoneRecords } from './zone.ts'

/** What a resolver does with one name that it would otherwise answer as everybody does. */
export type NameConduct =
  /** NXDOMAIN; over UDP alone where what denies it stands on the way and lets TCP pass. */
  | { readonly does: 'deny'; readonly over?: 'udp' }
  /** SERVFAIL or REFUSED. */
  | { readonly does: 'fail'; readonly rcode: 'serverFailure' | 'refused' }
  /** Over UDP NXDOMAIN, and the usual answer behind it under the same id: somebody on the way is quicker. */
  | { readonly does: 'forestall' }
  /** Other addresses. */
  | { readonly does: 'answer'; readonly addresses: readonly string[] }
  /** Service records that lead to these hosts, at the usual port. */
  | { readonly does: 'locate'; readonly at: readonly string[] }
  /** An alias of an alias of itself, and no address. */
  | { readonly does: 'go-round'; readonly by: string }
  /** The usual answer to a question for IPv4 addresses, so many milliseconds later; others come at once. */
  | { readonly does: 'wait'; readonly ms: number }
  /** Over UDP only TC, as for an answer that is too long (RFC 1035 §4.2.1). */
  | { readonly does: 'truncate' }

export interface ResolverOptions {
  readonly address: string
  /** The same for UDP and TCP; 0: any that is free for both. */
  readonly port: number
  /** Whether it has the site's own zone; a resolver outside does not. */
  readonly ownZone: boolean
  /** The names of the internet that the lab serves. */
  readonly serves: (name: string) => boolean
}

/** A recursive name server over UDP and TCP (RFC 1035, RFC 7766), with authority for the lab's zone when it has it. */
export interface Resolver {
  readonly address: string
  readonly port: number
  /** The TCP side, which a fault can shut alone. */
  readonly tcp: Doorway
  /** Changes what happens to one name; returns what undoes it. */
  conduct(name: string, conduct: NameConduct): () => void
  /** Takes questions and answers none, over UDP and TCP; returns what undoes it. */
  silence(): () => void
  /** Answers SERVFAIL for all that is not of its own zone, as where no forwarder answers it; returns what undoes it. */
  loseForwarders(): () => void
  close(): Promise<void>
}

const flags = {
  authoritative: 1 << 10,
  truncated: 1 << 9,
  recursionDesired: 1 << 8,
  recursionAvailable: 1 << 7,
} as const
const rcodes = { none: 0, serverFailure: 2, nameError: 3, notImplemented: 4, refused: 5 } as const
/** What fits a datagram without EDNS (RFC 1035 §4.2.1), and what is sent at most with it (DNS flag day 2020). */
const plainPayload = 512
const mostPayload = 1232
/** How often a free pair of ports is looked for before it is a failure. */
const mostAttempts = 20

interface Answer {
  readonly rcode: number
  readonly authoritative: boolean
  readonly truncated?: boolean
  readonly answers: readonly LabRecord[]
  readonly authorities: readonly LabRecord[]
}

export async function openResolver(options: ResolverOptions): Promise<Resolver> {
  const conducts = new Map<string, NameConduct>()
  let silent = 0
  let lost = 0

  const waiting = new Set<NodeJS.Timeout>()
  /** Sends an answer when its time has come. */
  const later = (ms: number, send: () => void): void => {
    if (ms === 0) {
      send()
      return
    }
    const timer = setTimeout(() => {
      waiting.delete(timer)
      send()
    }, ms)
    waiting.add(timer)
  }

  /** The whole answer to one message and how long it takes, or nothing for what is no question. */
  const answerTo = (
    octets: Buffer,
    transport: 'udp' | 'tcp',
    usually = false,
  ): { octets: Buffer; ms: number; forestalled: boolean } | undefined => {
    if (silent > 0) return undefined
    const query = decoded(octets)
    const question = query?.questions[0]
    if (query === undefined || question === undefined || query.type !== 'query') return undefined
    const edns = query.additionals.find(({ type }) => type === 'OPT')
    const limit =
      transport === 'tcp' ? 65_535 : Math.min(mostPayload, Math.max(plainPayload, edns?.udpPayloadSize ?? 0))
    const answer =
      query.opcode === 'QUERY'
        ? find(question.name, question.type, transport, usually)
        : { rcode: rcodes.notImplemented, authoritative: false, answers: [], authorities: [] }
    const encode = ({ rcode, authoritative, truncated, answers, authorities }: Answer): Buffer =>
      dnsPacket.encode({
        type: 'response',
        id: query.id,
        flags:
          rcode |
          (authoritative ? flags.authoritative : 0) |
          (truncated === true ? flags.truncated : 0) |
          (query.flag_rd ? flags.recursionDesired : 0) |
          flags.recursionAvailable,
        questions: [{ name: question.name, type: question.type }],
        answers,
        authorities,
        additionals: edns === undefined ? [] : [{ type: 'OPT', name: '.', udpPayloadSize: mostPayload }],
      })
    const whole = encode(answer)
    const conduct = conducts.get(question.name.toLowerCase())
    return {
      octets: whole.length <= limit ? whole : encode({ ...answer, truncated: true, answers: [], authorities: [] }),
      ms: conduct?.does === 'wait' && question.type === 'A' ? conduct.ms : 0,
      forestalled: conduct?.does === 'forestall' && !usually,
    }
  }

  const find = (asked: string, type: string, transport: 'udp' | 'tcp', usually: boolean): Answer => {
    const name = asked.toLowerCase()
    const inside = options.ownZone && isWithin(name, labDomain)
    const conduct = usually ? undefined : conducts.get(name)
    switch (conduct?.does) {
      case 'forestall':
        if (transport === 'tcp') break
        return negative(rcodes.nameError, parentOf(name), false)
      case 'deny':
        if (conduct.over === 'udp' && transport === 'tcp') break
        return negative(rcodes.nameError, inside ? labDomain : parentOf(name), inside)
      case 'answer':
        return type === 'A'
          ? positive(
              conduct.addresses.map((data) => ({ name: asked, type, ttl: 300, data })),
              inside,
            )
          : negative(rcodes.none, parentOf(name), inside)
      case 'locate':
        return positive(located(asked, conduct.at), inside)
      case 'fail':
        return { ...positive([], false), rcode: rcodes[conduct.rcode] }
      case 'go-round':
        return positive(
          [
            { name: asked, type: 'CNAME', ttl: 300, data: conduct.by },
            { name: conduct.by, type: 'CNAME', ttl: 300, data: asked },
          ],
          inside,
        )
      case 'truncate':
        if (transport === 'udp') return { ...positive([], inside), truncated: true }
        break
      case 'wait':
      case undefined:
        break
      default:
        conduct satisfies never
    }
    if (inside) return fromZone(asked, type)
    if (lost > 0) return { ...positive([], false), rcode: rcodes.serverFailure }
    if (!options.serves(name)) return negative(rcodes.nameError, parentOf(name), false)
    if (type !== 'A') return negative(rcodes.none, parentOf(name), false)
    return positive([{ name: asked, type, ttl: 300, data: loopback }], false)
  }

  const { udp, tcp } = await openBoth(options, {
    datagram: (socket, octets, port, address) => {
      const answer = answerTo(octets, 'udp')
      if (answer === undefined) return
      const send = (reply: Buffer) => socket.send(reply, port, address, () => {})
      later(answer.ms, () => send(answer.octets))
      const second = answer.forestalled ? answerTo(octets, 'udp', true) : undefined
      if (second !== undefined) later(1, () => send(second.octets))
    },
    connection: (socket) => {
      readFrames(socket, (octets) => {
        const answer = answerTo(octets, 'tcp')
        if (answer === undefined) return
        later(answer.ms, () => {
          if (!socket.destroyed) socket.write(framed(answer.octets))
        })
      })
    },
  })

  return {
    address: tcp.address,
    port: tcp.port,
    tcp,
    conduct(name, conduct) {
      const before = conducts.get(name)
      conducts.set(name, conduct)
      return () => {
        if (before === undefined) conducts.delete(name)
        else conducts.set(name, before)
      }
    },
    silence() {
      silent += 1
      return () => {
        silent -= 1
      }
    },
    loseForwarders() {
      lost += 1
      return () => {
        lost -= 1
      }
    },
    async close() {
      for (const timer of waiting) clearTimeout(timer)
      await Promise.all([tcp.close(), closed(udp)])
    },
  }
}

function positive(answers: readonly LabRecord[], authoritative: boolean): Answer {
  return { rcode: rcodes.none, authoritative, answers, authorities: [] }
}

/** A denial carries the SOA of the zone that speaks it (RFC 2308 §2). */
function negative(rcode: number, zone: string, authoritative: boolean): Answer {
  return { rcode, authoritative, answers: [], authorities: [startOfAuthority(zone)] }
}

function fromZone(asked: string, type: string): Answer {
  const name = asked.toLowerCase()
  const here = zoneRecords.filter((record) => record.name.toLowerCase() === name)
  const found = here.filter((record) => record.type === type).map((record) => ({ ...record, name: asked }))
  if (found.length > 0) return positive(found, true)
  // A name that only has names below it exists too (RFC 4592 §2.2.2).
  const exists = here.length > 0 || zoneRecords.some((record) => isWithin(record.name.toLowerCase(), name))
  return negative(exists ? rcodes.none : rcodes.nameError, labDomain, true)
}

/** The service records of the zone, each host in the place of the usual one. */
function located(asked: string, hosts: readonly string[]): readonly LabRecord[] {
  const [usual] = fromZone(asked, 'SRV').answers
  if (usual?.type !== 'SRV') return []
  return hosts.map((target) => ({ ...usual, data: { ...usual.data, target } }))
}

const isWithin = (name: string, zone: string): boolean => name === zone || name.endsWith(`.${zone}`)

/** The zone that speaks for a name of the internet: its last two labels, as far as the lab's internet goes. */
const parentOf = (name: string): string => name.split('.').slice(-2).join('.')

function decoded(octets: Buffer): ReturnType<typeof dnsPacket.decode> | undefined {
  try {
    return dnsPacket.decode(octets)
  } catch {
    return undefined
  }
}

interface Welcome {
  readonly datagram: (socket: UdpSocket, octets: Buffer, port: number, address: string) => void
  readonly connection: (socket: Socket) => void
}

/** One port number, bound for both transports. */
async function openBoth(options: ResolverOptions, welcome: Welcome): Promise<{ udp: UdpSocket; tcp: Doorway }> {
  for (let attempt = 1; ; attempt += 1) {
    const udp = createSocket('udp4')
    udp.on('message', (octets, from) => welcome.datagram(udp, octets, from.port, from.address))
    const bound = once(udp, 'listening')
    udp.bind(options.port, options.address)
    try {
      await bound
      const tcp = await openDoorway({ address: options.address, port: udp.address().port }, welcome.connection)
      // An ICMP error for an answer that nobody waits for any more.
      udp.on('error', () => {})
      return { udp, tcp }
    } catch (error) {
      await closed(udp)
      const taken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE'
      if (!taken || options.port !== 0 || attempt === mostAttempts) throw error
    }
  }
}

async function closed(udp: UdpSocket): Promise<void> {
  await new Promise<void>((resolve) => udp.close(() => resolve()))
}

/** Cuts a stream into messages by their two-octet length (RFC 7766 §8). */
function readFrames(socket: Socket, take: (octets: Buffer) => void): void {
  let rest: Buffer = Buffer.alloc(0)
  socket.on('data', (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk])
    while (rest.length >= 2 && rest.length >= 2 + rest.readUInt16BE(0)) {
      const end = 2 + rest.readUInt16BE(0)
      take(rest.subarray(2, end))
      rest = rest.subarray(end)
    }
  })
}

function framed(message: Buffer): Buffer {
  const length = Buffer.alloc(2)
  length.writeUInt16BE(message.length)
  return Buffer.concat([length, message])
}
