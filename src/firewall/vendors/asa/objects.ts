import type { Addresses, AddressRange } from '../../addresses.ts'
import { addressesOf, everyAddress, noAddress, unionOf, unknownAddresses } from '../../addresses.ts'
import { boundedUnions } from '../../boundedUnions.ts'
import type { NumberRange } from '../../ruleset.ts'
import type { Statements } from '../../text/statements.ts'
import { cidrRange } from '../cidrRange.ts'
import type { Block, Line } from '../cisco/blocks.ts'
import { everyProtocol, icmpTypeOf, protocolOf } from '../cisco/portNames.ts'
import type { WordReader } from '../cisco/wordReader.ts'
import { readPorts, wordReader } from '../cisco/wordReader.ts'
import { netmaskRange } from '../netmaskRange.ts'
import { oneAddress, rangeBetween } from '../rangeBetween.ts'
import { resolvedOnce } from '../resolvedOnce.ts'

/** What a service asks of a packet: one alternative of a service object or group. */
export interface Service {
  /** IANA number; {@link everyProtocol} for all. */
  readonly protocol: number
  readonly sourcePorts?: readonly NumberRange[]
  readonly ports?: readonly NumberRange[]
  readonly icmp?: readonly [type: number, code?: number]
}

/** Objects and groups of a configuration, looked up when they are asked for. */
export interface Objects {
  network(name: string): Addresses
  networkGroup(name: string): Addresses
  /** Undefined where the name is none, or leads in a circle. */
  service(name: string): readonly Service[] | undefined
  serviceGroup(name: string): readonly Service[] | undefined
  protocolGroup(name: string): readonly number[] | undefined
  icmpGroup(name: string): readonly (readonly [type: number, code?: number])[] | undefined
  /** Of `name 10.1.0.10 sync01`: the address that a word stands for, else the word. */
  literal(word: string): string
}

/** Members of a group after all groups in it are followed: services multiply nowhere, so more is a mistake. */
const mostServices = 10_000
/** Lines below objects and groups that say nothing of their content. */
const told = /^(description|nat)$/i

/** @param blocks of the whole configuration: an object may stand below the list that names it */
export function objectsOf(blocks: readonly Block[], statements: Statements): Objects {
  const objects = new Map<string, Line[]>()
  const groups = new Map<string, Block & { readonly kind: string }>()
  const names = new Map<string, string>()
  const union = boundedUnions()
  for (const block of blocks) {
    const [first, kind = '', name = '', ...rest] = block.words.map((word, at) => (at < 2 ? word.toLowerCase() : word))
    if (first === 'name') names.set(name, block.words[1] ?? '')
    else if (first === 'object') {
      // An object stands twice where it has a rule of translation: once with its content, once with that.
      const before = objects.get(`${kind} ${name}`)
      if (before === undefined) objects.set(`${kind} ${name}`, [...block.below])
      else for (const line of block.below) before.push(line)
    } else if (first === 'object-group') groups.set(name, { ...block, kind: [kind, ...rest].join(' ') })
    else continue
    statements.understood()
    for (const line of block.below) {
      if (told.test(line.words[0] ?? '') || isMember(line)) statements.understood()
      else
        statements.unread(line.span, `"${line.words[0] ?? ''}" is not known below ${block.words.slice(0, 2).join(' ')}`)
    }
  }
  const literal = (word: string): string => names.get(word) ?? word
  const rangeOf = (words: readonly string[]): AddressRange | undefined => {
    const [one = '', two] = words.map(literal)
    if (one.includes('/')) return cidrRange(one)
    return two === undefined ? oneAddress(one) : netmaskRange(one, two)
  }

  const contentOf = (lines: readonly Line[]): Addresses => {
    const sets = lines.flatMap(({ words: [kind = '', ...words] }) => {
      switch (kind.toLowerCase()) {
        case 'host':
          return [setOf(oneAddress(literal(words[0] ?? '')))]
        case 'subnet':
          return [setOf(rangeOf(words))]
        case 'range':
          return [setOf(rangeBetween(literal(words[0] ?? ''), literal(words[1] ?? '')))]
        case 'fqdn':
          return [named(words)]
        default:
          return []
      }
    })
    return sets.length === 0 ? noAddress : unionOf(sets)
  }

  const network = resolvedOnce<Addresses>((name) => {
    const lines = objects.get(`network ${name}`)
    return lines === undefined ? missing(`the network object ${name}`) : contentOf(lines)
  }, notFollowed)

  const networkGroup = resolvedOnce<Addresses>((name, of) => {
    const group = groups.get(name)
    if (group === undefined) return missing(`the group ${name}`)
    if (!/^network/.test(group.kind)) return missing(`${name} as a group of networks`)
    const sets = group.below.flatMap(({ words: [kind = '', ...words] }) => {
      if (/^group-object$/i.test(kind)) return [of(words[0] ?? '')]
      if (!/^network-object$/i.test(kind)) return []
      const [first = '', second = ''] = words
      if (/^object$/i.test(first)) return [network(second)]
      return [setOf(/^host$/i.test(first) ? oneAddress(literal(second)) : rangeOf(words))]
    })
    return sets.length === 0 ? noAddress : union(sets)
  }, notFollowed)

  const service = (name: string): readonly Service[] | undefined => {
    const line = objects.get(`service ${name}`)?.find(({ words }) => /^service$/i.test(words[0] ?? ''))
    if (line === undefined) return undefined
    const words = wordReader(line.words, 1)
    const protocol = protocolOf(words.next())
    return protocol === undefined ? undefined : serviceRest([protocol], words)
  }

  const serviceGroup = resolvedOnce<readonly Service[] | undefined>((name, of) => {
    const group = groups.get(name)
    if (group === undefined || !group.kind.startsWith('service')) return undefined
    const [, over] = group.kind.split(' ')
    const found = group.below
      .filter((line) => !told.test(line.words[0] ?? ''))
      .map((line) => memberServices(line, over, of))
    if (found.some((one) => one === undefined)) return undefined
    const all = [...new Set(found.flatMap((one) => one ?? []))]
    return all.length > mostServices ? undefined : all
  }, nothing)

  const memberServices = (
    { words: all }: Line,
    over: string | undefined,
    of: (group: string) => readonly Service[] | undefined,
  ) => {
    const words = wordReader(all)
    const kind = words.next()?.toLowerCase()
    if (kind === 'group-object') return of(words.next() ?? '')
    if (kind === 'port-object') {
      const ports = readPorts(words)
      if (ports === undefined || typeof ports === 'string') return undefined
      return protocolsOver(over).map((protocol): Service => ({ protocol, ports }))
    }
    if (kind !== 'service-object') return undefined
    if (words.take('object')) return service(words.next() ?? '')
    const word = words.next()?.toLowerCase()
    const protocols = word === 'tcp-udp' ? [6, 17] : [protocolOf(word)]
    const known = protocols.filter((protocol) => protocol !== undefined)
    return known.length === protocols.length ? serviceRest(known, words) : undefined
  }

  const listed = <Found>(kind: string, read: (word: string) => Found | undefined) =>
    resolvedOnce<readonly Found[] | undefined>((name, of) => {
      const group = groups.get(name)
      if (group === undefined || !group.kind.startsWith(kind)) return undefined
      const found = group.below
        .filter((line) => !told.test(line.words[0] ?? ''))
        .map(({ words: [word = '', value = ''] }) => {
          if (/^group-object$/i.test(word)) return of(value)
          const one = read(value)
          return one === undefined ? undefined : [one]
        })
      return found.some((one) => one === undefined) ? undefined : [...new Set(found.flatMap((one) => one ?? []))]
    }, nothing)

  return {
    network,
    networkGroup,
    service,
    serviceGroup,
    protocolGroup: listed('protocol', protocolOf),
    icmpGroup: listed('icmp-type', icmpTypeOf),
    literal,
  }
}

const members =
  /^(host|subnet|range|fqdn|service|network-object|group-object|port-object|service-object|protocol-object|icmp-object)$/i

function isMember({ words }: Line): boolean {
  return members.test(words[0] ?? '')
}

function protocolsOver(word: string | undefined): readonly number[] {
  return word === 'tcp' ? [6] : word === 'udp' ? [17] : [6, 17]
}

/** `[source eq 1024] [destination eq 443]`, `[destination] eq 443`, or a type of ICMP. */
function serviceRest(protocols: readonly number[], words: WordReader): readonly Service[] | undefined {
  let sourcePorts: readonly NumberRange[] | undefined
  let ports: readonly NumberRange[] | undefined
  if (protocols.includes(1) || protocols.includes(58)) {
    const word = words.next()
    const icmp = word === undefined ? undefined : icmpTypeOf(word)
    if (word !== undefined && icmp === undefined) return undefined
    return protocols.map((protocol) => ({ protocol, ...(icmp !== undefined && { icmp }) }))
  }
  while (words.peek() !== undefined) {
    const isSource = words.take('source')
    if (!isSource) words.take('destination')
    const found = readPorts(words)
    if (found === undefined || typeof found === 'string') return undefined
    if (isSource) sourcePorts = found
    else ports = found
  }
  return protocols.map((protocol) => ({
    protocol,
    ...(sourcePorts !== undefined && { sourcePorts }),
    ...(ports !== undefined && { ports }),
  }))
}

function setOf(range: AddressRange | undefined): Addresses {
  return range === undefined
    ? unknownAddresses({ kind: 'unread', what: 'an address that is not understood' })
    : addressesOf([range])
}

function named([first = '', second]: readonly string[]): Addresses {
  const isFamily = /^v[46]$/i.test(first)
  const text = isFamily ? (second ?? '') : first
  const name = text.toLowerCase().replace(/\.$/, '')
  const within = isFamily ? everyAddress(first.toLowerCase() === 'v4' ? 4 : 6).sure : everyAddress().sure
  const what = `the addresses of ${name}, which the device resolves`
  return unknownAddresses({ kind: 'names', what, names: [{ text, name, covers: 'exactly' }] }, within)
}

function notFollowed(name: string, why: string): Addresses {
  return unknownAddresses({ kind: 'other', what: `the group ${name}, ${why}` })
}

function nothing(): undefined {
  return undefined
}

function missing(what: string): Addresses {
  return unknownAddresses({ kind: 'reference', what: `${what}, which is not in the file` })
}
