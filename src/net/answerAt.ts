import type { RemoteInfo, Socket as UdpSocket } from 'node:dgram'
import type { Server, Socket } from 'node:net'
import { createServer, isIPv6 } from 'node:net'
import { canonicalAddress } from '../model/cidr.ts'
import { hostPort } from '../model/hostPort.ts'
import { BoundedMap } from './boundedMap.ts'
import type { Clock } from './clock.ts'
import { errorCode } from './errno.ts'
import { udpSocket } from './udpSocket.ts'

/** Where this machine is to answer: one of its addresses, `0.0.0.0` or `::` for all of a family. */
export interface AnswerPlace {
  /** Canonical RFC 5952 text. */
  readonly address: string
  readonly port: number
  readonly transport: 'tcp' | 'udp'
}

/** Something that came, and never what it said. */
export interface Arrival {
  readonly at: AnswerPlace
  /** Canonical address, or empty where who came was gone again before it could be asked; and the port. */
  readonly from: { readonly address: string; readonly port: number }
  readonly kind: /** A connection was accepted: it stands in both directions. */
    | 'connected'
    /** First octets came on it. */
    | 'spoke'
    /** Nothing was said on it in the time that the answer waits, or before it was left again. */
    | 'silent'
    /** It was ended at once, since there are too many: of this peer or of all. */
    | 'turned-away'
    /** The same, since this process may have no more open. */
    | 'out-of-files'
    /** A datagram that was answered. */
    | 'datagram'
    /** A datagram that is not answered: too short, too many, from a listener, or from a port that answers whatever comes. */
    | 'unanswered'
}

/** What is answered: octets of one's own, never those of the service. */
export interface Answers {
  /** What is said on a connection. */
  banner(at: AnswerPlace, peer: string): Uint8Array
  /** What a datagram is answered with, no longer than `length` octets; undefined: nothing. */
  bannerWithin(at: AnswerPlace, peer: string, length: number): Uint8Array | undefined
  /** Whether octets are an answer like ours: those are never answered. */
  isBanner(octets: Uint8Array): boolean
}

/** Bounds of what others can make of this machine. */
export interface AnswerLimits {
  /** How long an answer waits for first octets, in milliseconds. */
  readonly quietMs: number
  /** How long a connection is kept for its other end to leave, in milliseconds from its beginning. */
  readonly idleMs: number
  /** Connections at once, in all and of one address. */
  readonly connections: number
  readonly connectionsOfOne: number
  /** Octets that are read on one connection, and dropped, before it is cut. */
  readonly mostOctets: number
  /** Datagrams that are answered at once, and from then on in a second; in all and to one address. */
  readonly datagrams: { readonly burst: number; readonly perSecond: number }
  readonly datagramsOfOne: { readonly burst: number; readonly perSecond: number }
  /**
   * The same to one port of one address. Who asks anew does so from another port; a service that answers answers, in whose
   * name somebody has sent a datagram, does so from its own, without an end.
   */
  readonly datagramsOfPort: { readonly burst: number; readonly perSecond: number }
}

export const usualAnswerLimits: AnswerLimits = Object.freeze({
  quietMs: 300,
  idleMs: 8000,
  connections: 512,
  // A check has up to 256 questions under way, of which most go to other hosts.
  connectionsOfOne: 128,
  mostOctets: 65_536,
  datagrams: { burst: 200, perSecond: 50 },
  datagramsOfOne: { burst: 50, perSecond: 10 },
  datagramsOfPort: { burst: 10, perSecond: 0.05 },
})

/** How much more a process may have open: files and sockets. */
export type FilesLeft = () => number | undefined

/** Files that are left for what is read beside, and for those who are turned away and take a moment to leave. */
const spareFiles = 24
/** How many may be leaving at once, and for how long, in milliseconds: then they are cut. */
const mostLeaving = 16
const leavingMs = 1000

export interface Answering {
  /** Connections at once for which there are files, where that is fewer than the limits allow. */
  readonly connections?: number
  /** In the order in which they were asked for. */
  readonly opened: readonly AnswerPlace[]
  /** Places that could not be had, with the platform's word: EADDRINUSE, EACCES. */
  readonly left: readonly (AnswerPlace & { readonly code: string })[]
  /** Frees every place at once; open connections are cut. */
  close(): Promise<void>
}

/**
 * Answers at places of this machine: a connection is accepted and, when its first octets came or none did for a moment,
 * answered with one line and left; a datagram is answered with no more octets than it has. Nothing else is ever sent,
 * nothing that comes is kept. A place that another process has stays with it.
 */
export async function answerAt(
  places: readonly AnswerPlace[],
  answers: Answers,
  onArrival: (arrival: Arrival) => void,
  clock: Clock,
  limits: AnswerLimits = usualAnswerLimits,
  filesLeft: FilesLeft = () => undefined,
): Promise<Answering> {
  const doors = new TcpDoors(answers, onArrival, limits)
  const datagrams = new UdpAnswers(answers, onArrival, clock, limits)
  const ends: (() => Promise<void>)[] = []
  const opened: AnswerPlace[] = []
  const left: (AnswerPlace & { code: string })[] = []
  // Out of files the platform accepts who comes and cuts them without a word to anybody: so far it must not get.
  const mostPlaces = (filesLeft() ?? Number.POSITIVE_INFINITY) - spareFiles - 1
  // One after the other: which of two places is taken by the other must not be a matter of luck.
  for (const place of places) {
    if (opened.length >= Math.max(1, mostPlaces)) {
      left.push({ ...place, code: 'EMFILE' })
      continue
    }
    const bound = place.transport === 'tcp' ? await doors.open(place) : await datagrams.open(place)
    if ('code' in bound) {
      left.push({ ...place, code: bound.code })
    } else {
      opened.push(place)
      ends.push(bound.close)
    }
  }
  const files = filesLeft()
  const connections = files === undefined ? limits.connections : Math.max(1, files - spareFiles)
  if (connections < limits.connections) doors.bound(connections)
  return {
    ...(connections < limits.connections && { connections }),
    opened,
    left,
    async close() {
      doors.cut()
      await Promise.all(ends.splice(0).map((end) => end()))
    },
  }
}

type Bound = { readonly close: () => Promise<void> } | { readonly code: string }

/**
 * Windows lets a program take one address of a port that another has taken for all addresses, and then gets what is meant
 * for the other (Winsock, "Using SO_REUSEADDR and SO_EXCLUSIVEADDRUSE"): there it is first asked whether all can be had.
 */
const sharesPorts = process.platform === 'win32'

function everyAddress({ address }: AnswerPlace): string {
  return isIPv6(address) ? '::' : '0.0.0.0'
}

class TcpDoors {
  readonly #answers: Answers
  readonly #onArrival: (arrival: Arrival) => void
  readonly #limits: AnswerLimits
  readonly #sockets = new Set<Socket>()
  readonly #leaving = new Set<Socket>()
  #files = Number.POSITIVE_INFINITY
  readonly #ofOne = new Map<string, number>()

  constructor(answers: Answers, onArrival: (arrival: Arrival) => void, limits: AnswerLimits) {
    this.#answers = answers
    this.#onArrival = onArrival
    this.#limits = limits
  }

  async open(place: AnswerPlace): Promise<Bound> {
    if (sharesPorts && place.address !== everyAddress(place)) {
      const tried = await listening(createServer(), { ...place, address: everyAddress(place) })
      if ('code' in tried) return tried
      await tried.close()
    }
    const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => this.#take(socket, place))
    return listening(server, place)
  }

  cut(): void {
    for (const socket of [...this.#sockets, ...this.#leaving]) socket.destroy()
  }

  /** @param files connections for which there are files */
  bound(files: number): void {
    this.#files = files
  }

  /** An end and no reset, where there is room for it: what has come unread would make it one. */
  #turnAway(socket: Socket): void {
    if (this.#leaving.size >= mostLeaving) {
      socket.destroy()
      return
    }
    this.#leaving.add(socket)
    const cut = setTimeout(() => socket.destroy(), leavingMs)
    socket.once('close', () => {
      clearTimeout(cut)
      this.#leaving.delete(socket)
    })
    socket.resume().end()
  }

  #take(socket: Socket, at: AnswerPlace): void {
    // A peer that resets is no trouble of this process.
    socket.on('error', () => {})
    const from = { address: plainAddress(socket.remoteAddress), port: socket.remotePort ?? 0 }
    const { connections, connectionsOfOne, quietMs, idleMs, mostOctets } = this.#limits
    const ofOne = this.#ofOne.get(from.address) ?? 0
    const isOutOfFiles = this.#sockets.size >= this.#files
    if (isOutOfFiles || this.#sockets.size >= connections || ofOne >= connectionsOfOne) {
      this.#turnAway(socket)
      this.#onArrival({ at, from, kind: isOutOfFiles ? 'out-of-files' : 'turned-away' })
      return
    }
    this.#sockets.add(socket)
    this.#ofOne.set(from.address, ofOne + 1)
    this.#onArrival({ at, from, kind: 'connected' })
    let told: 'spoke' | 'silent' | undefined
    const tell = (kind: 'spoke' | 'silent'): void => {
      if (told === kind || told === 'spoke') return
      const first = told === undefined
      told = kind
      this.#onArrival({ at, from, kind })
      if (first && !socket.destroyed) socket.end(this.#answers.banner(at, hostPort(from.address, from.port)))
    }
    const quiet = setTimeout(() => tell('silent'), quietMs)
    const idle = setTimeout(() => socket.destroy(), idleMs)
    socket.on('data', () => {
      clearTimeout(quiet)
      tell('spoke')
      if (socket.bytesRead > mostOctets) socket.destroy()
    })
    socket.on('end', () => tell('silent'))
    socket.once('close', () => {
      clearTimeout(quiet)
      clearTimeout(idle)
      tell('silent')
      this.#sockets.delete(socket)
      const others = (this.#ofOne.get(from.address) ?? 1) - 1
      if (others > 0) this.#ofOne.set(from.address, others)
      else this.#ofOne.delete(from.address)
    })
  }
}

function listening(server: Server, { address, port }: AnswerPlace): Promise<Bound> {
  return new Promise((resolve) => {
    server.once('error', (error) => resolve({ code: errorCode(error) ?? 'unknown' }))
    server.listen({ host: address, port, exclusive: true, ipv6Only: true }, () => {
      server.removeAllListeners('error')
      // Out of descriptors, say: who is not accepted tries again.
      server.on('error', () => {})
      resolve({
        close: () =>
          new Promise((done) => {
            server.close(() => done())
          }),
      })
    })
  })
}

/** Ports of services that answer whatever comes: echo, daytime, quote of the day, chargen (RFC 862 to 867). */
const answeringPorts: ReadonlySet<number> = new Set([7, 13, 17, 19])
/** Addresses, and ports of them, whose share of the answers is remembered. */
const rememberedAddresses = 1024

class UdpAnswers {
  readonly #answers: Answers
  readonly #onArrival: (arrival: Arrival) => void
  readonly #clock: Clock
  readonly #all: Allowance
  readonly #ofOne = new BoundedMap<string, Allowance>(rememberedAddresses)
  readonly #ofPort = new BoundedMap<string, Allowance>(rememberedAddresses)
  readonly #limits: AnswerLimits

  constructor(answers: Answers, onArrival: (arrival: Arrival) => void, clock: Clock, limits: AnswerLimits) {
    this.#answers = answers
    this.#onArrival = onArrival
    this.#clock = clock
    this.#all = new Allowance(limits.datagrams, clock)
    this.#limits = limits
  }

  async open(place: AnswerPlace): Promise<Bound> {
    if (sharesPorts && place.address !== everyAddress(place)) {
      const tried = await bound(socketFor(place), { ...place, address: everyAddress(place) })
      if ('code' in tried) return tried
      await tried.close()
    }
    const socket = socketFor(place)
    socket.on('message', (octets, sender) => this.#take(octets, sender, place, socket))
    return bound(socket, place)
  }

  #take(octets: Uint8Array, sender: RemoteInfo, at: AnswerPlace, socket: UdpSocket): void {
    const from = { address: plainAddress(sender.address), port: sender.port }
    const answer = this.#answerTo(octets, from, at)
    if (answer !== undefined) socket.send(answer, sender.port, sender.address, () => {})
    this.#onArrival({ at, from, kind: answer === undefined ? 'unanswered' : 'datagram' })
  }

  #answerTo(octets: Uint8Array, from: Arrival['from'], at: AnswerPlace): Uint8Array | undefined {
    if (from.port === 0 || answeringPorts.has(from.port) || this.#answers.isBanner(octets)) return undefined
    const answer = this.#answers.bannerWithin(at, hostPort(from.address, from.port), octets.length)
    if (answer === undefined || answer.length > octets.length) return undefined
    const { datagramsOfOne, datagramsOfPort } = this.#limits
    const ofPort = this.#ofPort.take(`${from.address} ${from.port}`, () => new Allowance(datagramsOfPort, this.#clock))
    const ofOne = this.#ofOne.take(from.address, () => new Allowance(datagramsOfOne, this.#clock))
    return ofPort.take() && ofOne.take() && this.#all.take() ? answer : undefined
  }
}

function socketFor({ address }: AnswerPlace): UdpSocket {
  return udpSocket(isIPv6(address) ? 6 : 4, { ipv6Only: isIPv6(address) })
}

function bound(socket: UdpSocket, { address, port }: AnswerPlace): Promise<Bound> {
  return new Promise((resolve) => {
    socket.once('error', (error) => {
      socket.close()
      resolve({ code: errorCode(error) ?? 'unknown' })
    })
    socket.bind({ address, port, exclusive: true }, () => {
      socket.removeAllListeners('error')
      // That an answer did not arrive (ICMP) is heard here as well.
      socket.on('error', () => {})
      resolve({
        close: () =>
          new Promise((done) => {
            socket.close(() => done())
          }),
      })
    })
  })
}

/** So many at once, and from then on so many a second. */
class Allowance {
  readonly #burst: number
  readonly #perMs: number
  readonly #clock: Clock
  #left: number
  #atMs: number

  constructor({ burst, perSecond }: AnswerLimits['datagrams'], clock: Clock) {
    this.#burst = burst
    this.#perMs = perSecond / 1000
    this.#clock = clock
    this.#left = burst
    this.#atMs = clock.monotonicMs()
  }

  take(): boolean {
    const nowMs = this.#clock.monotonicMs()
    this.#left = Math.min(this.#burst, this.#left + (nowMs - this.#atMs) * this.#perMs)
    this.#atMs = nowMs
    if (this.#left < 1) return false
    this.#left -= 1
    return true
  }
}

/** Without the interface that a link-local address is told with. */
function plainAddress(address: string | undefined): string {
  const plain = address?.split('%')[0] ?? ''
  return canonicalAddress(plain) ?? plain
}
