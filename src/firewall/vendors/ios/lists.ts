import { parseAddress } from '../../../model/cidr.ts'
import type { Addresses } from '../../addresses.ts'
import { addressesOf, everyAddress, noAddress, unknownAddresses } from '../../addresses.ts'
import { boundedUnions } from '../../boundedUnions.ts'
import type { Match, NumberRange, Rule } from '../../ruleset.ts'
import type { Statements } from '../../text/statements.ts'
import type { Unknown } from '../../unknown.ts'
import { cidrRange } from '../cidrRange.ts'
import type { Block, Line } from '../cisco/blocks.ts'
import { everyProtocol, icmpTypeOf, protocolOf } from '../cisco/portNames.ts'
import { wildcardRanges } from '../cisco/wildcardRanges.ts'
import type { WordReader } from '../cisco/wordReader.ts'
import { readPorts, wordReader } from '../cisco/wordReader.ts'
import { netmaskRange } from '../netmaskRange.ts'
import { rangeBetween } from '../rangeBetween.ts'
import { resolvedOnce } from '../resolvedOnce.ts'

/** Access lists by name or number; of IPv6 by `ipv6 ` and the name, since both kinds may be called alike. */
export type AccessLists = ReadonlyMap<string, readonly Rule[]>

type Kind = 'standard' | 'extended' | 'ipv6'

/** Numbers tell the kind (access-list, IOS command reference). */
function kindOf(number: number): Kind | undefined {
  if ((number >= 1 && number <= 99) || (number >= 1300 && number <= 1999)) return 'standard'
  return (number >= 100 && number <= 199) || (number >= 2000 && number <= 2699) ? 'extended' : undefined
}

/** Reads numbered lines, named lists and those of IPv6, and counts their statements. */
export function accessListsOf(blocks: readonly Block[], statements: Statements): AccessLists {
  const lists = new Map<string, Rule[]>()
  const groups = networkGroups(blocks, statements)
  const add = (name: string, line: Line, kind: Kind, from: number): void => {
    const rules = lists.get(name) ?? []
    lists.set(name, rules)
    const made = lineRule(line, kind, from, `${name} line ${rules.length + 1}`, groups)
    if (made === undefined) {
      statements.understood()
      return
    }
    rules.push(made)
    const problem = made.unknowns.find((unknown) => unknown.kind === 'unread')
    if (problem === undefined) statements.understood()
    else statements.unread(line.span, problem.what)
  }
  for (const block of blocks) {
    const [first = '', second = '', third = '', fourth = ''] = block.words.map((word) => word.toLowerCase())
    const name = block.words[first === 'ipv6' ? 2 : 3] ?? ''
    if (first === 'access-list') {
      const kind = kindOf(Number(second))
      if (kind === undefined) statements.understood()
      else add(second, block, kind, 2)
    } else if (first === 'ip' && second === 'access-list' && (third === 'standard' || third === 'extended')) {
      statements.understood()
      lists.set(name, lists.get(name) ?? [])
      for (const line of block.below) add(name, line, third, 0)
    } else if (first === 'ipv6' && second === 'access-list' && fourth === '') {
      statements.understood()
      lists.set(`ipv6 ${name}`, [])
      for (const line of block.below) add(`ipv6 ${name}`, line, 'ipv6', 0)
    }
  }
  return lists
}

type Groups = (name: string) => Addresses

/** `object-group network NAME` with `host`, networks with a netmask, ranges and groups. */
function networkGroups(blocks: readonly Block[], statements: Statements): Groups {
  const found = new Map<string, readonly Line[]>()
  for (const block of blocks) {
    if (block.words[0]?.toLowerCase() !== 'object-group') continue
    statements.understood(1 + block.below.length)
    if (block.words[1]?.toLowerCase() === 'network') found.set(block.words[2] ?? '', block.below)
  }
  const union = boundedUnions()
  return resolvedOnce<Addresses>(
    (name, of) => {
      const below = found.get(name)
      if (below === undefined) {
        return unknownAddresses({ kind: 'reference', what: `the group ${name}, which is not in the file` })
      }
      const sets = below.flatMap(({ words: [first = '', second = '', third = ''] }) => {
        const word = first.toLowerCase()
        if (word === 'description') return []
        if (word === 'group-object') return [of(second)]
        if (word === 'any') return [everyAddress()]
        const range =
          word === 'host'
            ? cidrRange(second)
            : word === 'range'
              ? rangeBetween(second, third)
              : netmaskRange(first, second)
        return [range === undefined ? unreadAddresses(`${first} ${second}`) : addressesOf([range])]
      })
      return sets.length === 0 ? noAddress : union(sets)
    },
    (name, why) => unknownAddresses({ kind: 'other', what: `the group ${name}, ${why}` }),
  )
}

function unreadAddresses(text: string): Addresses {
  return unknownAddresses({ kind: 'unread', what: `"${text}", which is no address` })
}

/** One line of a list; undefined for remarks. */
function lineRule(line: Line, kind: Kind, from: number, name: string, groups: Groups): Rule | undefined {
  const words = wordReader(line.words, from)
  if (/^\d+$/.test(words.peek() ?? '') || words.take('sequence')) words.next()
  const word = words.next()?.toLowerCase()
  if (word === 'remark' || word === 'description') return undefined
  const called = { name, span: line.span }
  const unread = (what: string, match: Match = {}): Rule => ({
    ...called,
    match,
    action: { kind: 'unknown' },
    unknowns: [{ kind: 'unread', what }],
  })
  if (word === 'evaluate') {
    const what = `what the reflexive list ${words.next() ?? ''} has learnt`
    return { ...called, match: {}, action: { kind: 'allow' }, unknowns: [{ kind: 'dynamic-set', what }] }
  }
  if (word !== 'permit' && word !== 'deny') return unread(`"${word ?? ''}" is neither permit nor deny`)
  const action: Rule['action'] = word === 'permit' ? { kind: 'allow' } : { kind: 'drop' }
  const unknowns: Unknown[] = []
  if (kind === 'standard') {
    const source = endOf(words, kind, groups)
    if (typeof source === 'string') return unread(source)
    unknowns.push(...endings(words))
    return { ...called, match: { family: 4, source }, action, unknowns }
  }
  if (words.peek()?.toLowerCase() === 'object-group') return unread('groups of services are not read', { family: 4 })
  const protocolWord = words.next()
  const protocol = protocolOf(protocolWord)
  if (protocol === undefined) return unread(`"${protocolWord ?? ''}" is no protocol`)
  const source = endOf(words, kind, groups)
  if (typeof source === 'string') return unread(source)
  const sourcePorts = readPorts(words)
  if (typeof sourcePorts === 'string') return unread(sourcePorts, { source })
  const destination = endOf(words, kind, groups)
  if (typeof destination === 'string') return unread(destination, { source })
  const isIcmp = protocol === 1 || protocol === 58
  const ports = isIcmp ? undefined : readPorts(words)
  if (typeof ports === 'string') return unread(ports, { source, destination })
  const icmp = isIcmp ? icmpOf(words) : undefined
  const flags = words.take('established') ? established : undefined
  unknowns.push(...endings(words))
  const number = protocol === 1 && kind === 'ipv6' ? 58 : protocol
  const match: Match = {
    family: kind === 'ipv6' ? 6 : 4,
    ...(protocol !== everyProtocol && { protocols: [{ first: number, last: number }] }),
    ...{ source, destination },
    ...portsMatch('sourcePorts', sourcePorts),
    ...portsMatch('destinationPorts', ports),
    ...(icmp !== undefined && { icmp: [icmp] }),
    ...(flags !== undefined && { tcpFlags: flags }),
  }
  return { ...called, match, action, unknowns }
}

/** ACK or RST is set: a packet that begins nothing (RFC 9293 §3.1). */
const established = [
  { mask: 16, value: 16 },
  { mask: 4, value: 4 },
]

function portsMatch(field: 'sourcePorts' | 'destinationPorts', ports: readonly NumberRange[] | undefined): Match {
  return ports === undefined ? {} : { [field]: ports }
}

function icmpOf(words: WordReader): NonNullable<Match['icmp']>[number] | undefined {
  const type = icmpTypeOf(words.peek() ?? '')
  if (type === undefined) return undefined
  words.next()
  const code = /^\d{1,3}$/.test(words.peek() ?? '') ? Number(words.next()) : type[1]
  return { type: { first: type[0], last: type[0] }, ...(code !== undefined && { code: { first: code, last: code } }) }
}

/** `any`, `host A`, `A WILDCARD`, a prefix of IPv6, a group; of standard lists a lone address is a host. */
function endOf(words: WordReader, kind: Kind, groups: Groups): Addresses | string {
  const word = words.next() ?? ''
  const lower = word.toLowerCase()
  if (lower === 'any') return everyAddress(kind === 'ipv6' ? 6 : 4)
  if (lower === 'object-group') return groups(words.next() ?? '')
  if (lower === 'host') {
    const host = words.next() ?? ''
    const range = cidrRange(host)
    return range === undefined ? `"${host}" is no address` : addressesOf([range])
  }
  if (kind === 'ipv6' || word.includes('/')) {
    const range = cidrRange(word)
    return range === undefined ? `"${word}" is no prefix` : addressesOf([range])
  }
  const next = words.peek() ?? ''
  if (kind === 'standard' && parseAddress(next) === undefined) {
    const range = cidrRange(word)
    return range === undefined ? `"${word}" is no address` : addressesOf([range])
  }
  words.next()
  const ranges = wildcardRanges(word, next)
  return ranges === undefined ? `"${word} ${next}" is no network` : addressesOf(ranges)
}

/** What stands at the end of a line. Of first fragments nothing is asked, and no flow is a later one. */
function endings(words: WordReader): readonly Unknown[] {
  const found: Unknown[] = []
  for (let word = words.next()?.toLowerCase(); word !== undefined; word = words.next()?.toLowerCase()) {
    if (word === 'time-range') found.push({ kind: 'time', what: `the time (time-range ${words.next() ?? ''})` })
    else if (word === 'reflect') {
      words.next()
      if (words.take('timeout')) words.next()
    } else if (/^(dscp|precedence|tos|ttl|option|match-any|match-all|flow-label|fragments)$/.test(word)) {
      found.push({ kind: 'packet', what: `${word} ${words.next() ?? ''}`.trim() })
    } else if (/^(syn|ack|fin|rst|psh|urg)$/.test(word)) found.push({ kind: 'packet', what: `the flag ${word}` })
    else if (!/^(log|log-input|sequence|\d+)$/.test(word)) {
      found.push({ kind: 'unread', what: `"${word}" is not known at the end of a line` })
    }
  }
  return found
}
