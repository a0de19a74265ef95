import { captureFilter } from '../wire/captureFilter.ts'
import type { Packet } from '../wire/packet.ts'
import { readPacket } from '../wire/packet.ts'
import type { CapturedPacket } from '../wire/pcap.ts'
import { pktmonFilters } from '../wire/pktmonFilters.ts'
import { readPktmonPacket } from '../wire/pktmonPacket.ts'
import type { PktmonTask } from './holdPktmon.ts'
import { holdPktmonProgram } from './holdPktmon.ts'
import { holdToolProgram } from './holdTool.ts'

/** What is to be captured, and with what. */
export interface SniffQuestion {
  readonly tool: CaptureTool
  /** Addresses that will be asked: those of targets, proxies and resolvers. ICMP errors come from anywhere besides. */
  readonly addresses: readonly string[]
  /** Default: all interfaces at once. */
  readonly interface?: string
}

/** A program that captures packets, and where it stands. */
export interface CaptureTool {
  readonly name: 'tcpdump' | 'dumpcap' | 'pktmon'
  readonly place: string
  /** The longest that one of its commands may take, where it is given several. */
  readonly stepMs?: number
}

/** How a tool is held, begun and read. */
export interface CaptureToolRow {
  /** The program of the child that holds it (it is given the place of the tool, then its words). */
  readonly keeper: string
  words(question: SniffQuestion): readonly string[]
  /** What shows that it captures: words on standard error, octets on standard output, or the keeper's word. */
  readonly begins: { readonly says: string } | 'octets' | 'told'
  /** More words for a second try, by what the first one ended in. */
  again?(why: string): readonly string[] | undefined
  /** Why it cannot do what is asked. */
  cannot?(question: SniffQuestion): string | undefined
  readonly readPacket: (packet: CapturedPacket) => Packet
  /** One packet comes several times, from each component of the system that it passes. */
  readonly repeats?: true
  /**
   * It hands its packets over at its end, and its keeper undoes what it did: it is told to go and left to it, since who
   * kills it leaves the machine capturing.
   */
  readonly tidiesUp?: { readonly stopMs: number }
}

/** Octets that are kept of each packet: all headers, and an ICMPv6 error with the headers of what it is about. */
const keptOctets = 256

/** All interfaces at once, which Linux and macOS know. */
const everyInterface = 'any'

// What is for other machines is of no interest: no interface needs to listen to everything (`-p`).
const piped = ['-p', '-s', String(keptOctets), '-w', '-']

const readAny = ({ linkType, octets }: CapturedPacket): Packet => readPacket(linkType, octets)

/** Enough for a check of a day with its filters, and little on a disk. */
const pktmonLogMegabytes = 64
const pktmonStepMs = 10_000
const pktmonConvertMs = 30_000

const rows: Readonly<Record<CaptureTool['name'], CaptureToolRow>> = {
  tcpdump: {
    keeper: holdToolProgram,
    // Each packet is written as soon as it is there: the kernel would gather them for a second.
    words: ({ addresses, interface: on = everyInterface }) => [
      ...['-i', on, '-n', '-U', '--immediate-mode'],
      ...piped,
      captureFilter(addresses),
    ],
    // It writes the head before it gives up being root, which may fail.
    begins: { says: 'listening on' },
    // As root it goes on as a user of its own, which a namespace of users need not have.
    again: (why) => (/Couldn't (change to|find user)|initgroups/.test(why) ? ['-Z', 'root'] : undefined),
    readPacket: readAny,
  },
  dumpcap: {
    keeper: holdToolProgram,
    words: ({ addresses, interface: on = everyInterface }) => [
      '-i',
      on,
      '-q',
      ...piped,
      '-f',
      captureFilter(addresses),
    ],
    begins: 'octets',
    readPacket: readAny,
  },
  pktmon: {
    keeper: holdPktmonProgram,
    words({ addresses, tool }) {
      const { filters, wider } = pktmonFilters(addresses)
      const task: PktmonTask = {
        filters,
        widerFilters: wider,
        keptOctets,
        megabytes: pktmonLogMegabytes,
        stepMs: tool.stepMs ?? pktmonStepMs,
        convertMs: pktmonConvertMs,
      }
      return [JSON.stringify(task)]
    },
    begins: 'told',
    cannot: ({ interface: on }) =>
      on === undefined ? undefined : `pktmon captures on all network cards, and not on ${on} alone`,
    readPacket: readPktmonPacket,
    repeats: true,
    tidiesUp: { stopMs: 4 * pktmonStepMs + pktmonConvertMs },
  },
}

/** How a tool is held, begun and read. */
export function rowOf({ name }: CaptureTool): CaptureToolRow {
  return rows[name]
}
