import { canonicalAddress } from '../model/cidr.ts'
import type { PathTrace } from '../model/observation.ts'
import type { PathHop } from '../model/pathHop.ts'

/** A hop as a path tool wrote it. */
export interface ReadHop extends PathHop {
  /** What came back for a SYN at the end of a path. */
  readonly reply?: 'syn-ack' | 'reset'
}

/** The time to live has eight bits. */
const mostTtl = 255
/** Who answers for one time to live: tools ask each three times. */
const mostOfOne = 8
/** Of a line; ten answers fit. */
const longestLine = 512

/**
 * Reads what traceroute for Linux 2.x writes: the time to live, then for each packet an address, its time and what else was
 * said, or `*`. Names before addresses (without `-n`), flags (`-O info`) and the states of tcptraceroute are understood.
 * Lines that are no hop are left out; an answer without its time is one that was cut off.
 */
export function readTraceroute(text: string): readonly ReadHop[] {
  return hopsOf(text, /^ {0,3}(\d{1,3}) {1,4}(\S.*)$/, readAnswers)
}

/**
 * Reads what tracert of Windows writes, in whatever language: the time to live, three times or `*`, and an address at the
 * end of the line. An address with words behind it says that it goes no further; which words these are is not known, so
 * neither is why.
 */
export function readTracert(text: string): readonly ReadHop[] {
  return hopsOf(text, /^ {1,3}(\d{1,3}) {1,8}(\S.*)$/, (ttl, words) => {
    const at = words.findIndex((word) => addressOf(word) !== undefined)
    const address = addressOf(words[at] ?? '')
    if (address === undefined) return words[0] === '*' ? [{ ttl }] : []
    const ms = firstTime(words.slice(0, at))
    const isTold = at < words.length - 1
    if (ms === undefined && !isTold) return []
    return [{ ttl, address, ...(ms !== undefined && { ms }), ...(isTold && { says: 'unreachable' as const }) }]
  })
}

/** How a path ended, and how its end answered, as far as the hops show it. */
export interface PathEnd {
  readonly outcome: PathTrace['outcome']
  readonly reply?: 'syn-ack' | 'reset'
}

/**
 * @param address canonical: whose path it is
 * @param most the highest time to live that was asked for
 * @param isCut the tool was ended before it ended by itself
 */
export function endOfPath(hops: readonly ReadHop[], address: string, most: number, isCut: boolean): PathEnd {
  const end = hops.find((hop) => hop.address === address && hop.says === undefined)
  if (end !== undefined) return { outcome: 'reached', ...(end.reply !== undefined && { reply: end.reply }) }
  const last = hops.at(-1)
  if (hops.some(({ says }) => says !== undefined)) return { outcome: 'stopped' }
  if (isCut || last === undefined) return { outcome: 'cut-short' }
  if (last.address === undefined) return { outcome: 'silent' }
  // A tool that ends by itself before its limit has heard something that it has no mark for, such as a closed port.
  return { outcome: last.ttl < most ? 'stopped' : 'hop-limit' }
}

/** Lines that begin with a number above that of the hop before: whatever else is written is none. */
function hopsOf(
  text: string,
  pattern: RegExp,
  read: (ttl: number, words: readonly string[]) => readonly ReadHop[],
): readonly ReadHop[] {
  const hops: ReadHop[] = []
  let last = 0
  for (const line of text.split(/\r?\n/)) {
    const [, number, rest] = pattern.exec(line.slice(0, longestLine)) ?? []
    const ttl = Number(number)
    if (rest === undefined || !(ttl > last && ttl <= mostTtl)) continue
    const found = read(ttl, rest.trim().split(/\s+/))
    if (found.length === 0) continue
    last = ttl
    hops.push(...found)
  }
  return hops
}

/** One answer of each who answered; that others of the packets got none is nothing beside it. */
function readAnswers(ttl: number, words: readonly string[]): readonly ReadHop[] {
  const found = new Map<string, ReadHop>()
  /** Who answers, by the words so far, and how; times that follow are of the same until another is named. */
  let address: string | undefined
  let reply: ReadHop['reply']
  /** Who has answered: what is said behind a time is about that packet. */
  let told: ReadHop | undefined
  for (const [at, word] of words.entries()) {
    const here = addressOf(word.replace(/^\((.*)\)$/, '$1'))
    const state = replies.find(([pattern]) => pattern.test(word))?.[1]
    if (here !== undefined) {
      address = here
      reply = undefined
    } else if (state !== undefined) {
      reply = state
    } else if (word === 'ms') {
      const ms = Number(words[at - 1])
      if (address === undefined || !(ms >= 0)) continue
      told = { ttl, address, ms, ...(reply !== undefined && { reply }), ...found.get(address) }
      if (found.has(address) || found.size < mostOfOne) found.set(address, told)
    } else if (word.startsWith('!') && told?.address !== undefined) {
      found.set(told.address, { ...told, says: marks[word] ?? 'unreachable' })
    }
  }
  if (found.size > 0) return [...found.values()]
  return words.includes('*') ? [{ ttl }] : []
}

/** Of traceroute with `-O info`, and of tcptraceroute. */
const replies: readonly (readonly [RegExp, NonNullable<ReadHop['reply']>])[] = [
  [/^<syn,ack\b|^\[open\]$/, 'syn-ack'],
  [/^<rst\b|^\[closed\]$/, 'reset'],
]

/** Of traceroute(8). Of other marks no more is said than that it goes no further. */
const marks: Readonly<Partial<Record<string, NonNullable<PathHop['says']>>>> = Object.freeze({
  '!N': 'net-unreachable',
  '!H': 'host-unreachable',
  '!X': 'prohibited',
})

/** Milliseconds of the first packet that was answered: `5 ms`; `<1 ms` is told as 1. */
function firstTime(words: readonly string[]): number | undefined {
  for (const word of words) {
    const digits = /^<?(\d{1,6})$/.exec(word)?.[1]
    if (digits !== undefined) return Number(digits)
  }
  return undefined
}

/** What stands behind `%` (`fe80::1%eth0`) says which link an address is on. */
function addressOf(word: string): string | undefined {
  return word.length <= 64 && /[.:]/.test(word) ? canonicalAddress(word.split('%')[0] ?? '') : undefined
}
