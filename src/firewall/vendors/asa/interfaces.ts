import type { AddressRange } from '../../addresses.ts'
import { everyAddress } from '../../addresses.ts'
import type { ReadingHints } from '../../reader.ts'
import type { Place, Route } from '../../ruleset.ts'
import type { Statements } from '../../text/statements.ts'
import { cidrRange } from '../cidrRange.ts'
import type { Block } from '../cisco/blocks.ts'
import { netmaskRange } from '../netmaskRange.ts'

/** A named interface. */
export interface Interface {
  readonly name: string
  /** 0 to 100: what is more trusted may go to what is less. */
  readonly level: number
  readonly own: readonly AddressRange[]
  readonly nets: readonly AddressRange[]
}

const silent =
  /^(description|speed|duplex|mac-address|mtu|channel-group|vlan|lacp|flowcontrol|ospf|authentication|dhcprelay|bridge-group|cts|management-only|no|standby|delay|hello-interval|hold-time|igmp|pim|multicast|eigrp|rip|bfd|policy-route|zone-member|member-interface|nve-only|tunnel|vpdn|pppoe|shutdown|nameif|security-level|ip|ipv6)$/i

/** `interface` blocks with a name that are not shut down. */
export function interfacesOf(
  blocks: readonly Block[],
  hints: ReadingHints,
  statements: Statements,
): readonly Interface[] {
  const found = blocks.flatMap((block): readonly Interface[] => {
    if (block.words[0]?.toLowerCase() !== 'interface') return []
    statements.understood()
    let name: string | undefined
    let level: number | undefined
    let isDown = false
    const own: AddressRange[] = []
    const nets: AddressRange[] = []
    for (const { words, span } of block.below) {
      const [first = '', second = '', third = '', fourth = ''] = words
      const key = first.toLowerCase()
      if (key === 'security-level' && !isLevel(second)) statements.unread(span, 'a level is a number from 0 to 100')
      else if (silent.test(key)) statements.understood()
      else statements.unread(span, `"${first}" is not known below an interface`)
      if (key === 'nameif') name = second
      if (key === 'security-level' && isLevel(second)) level = Number(second)
      if (key === 'shutdown') isDown = true
      if (key === 'ip' && second.toLowerCase() === 'address') {
        const [address, net] = [cidrRange(third), netmaskRange(third, fourth)]
        if (address !== undefined) own.push(address)
        if (net !== undefined) nets.push(net)
      }
      if (key === 'ipv6' && second.toLowerCase() === 'address') {
        const [address, net] = [cidrRange(third.split('/')[0] ?? ''), cidrRange(third)]
        if (address !== undefined) own.push(address)
        if (net !== undefined) nets.push(net)
      }
    }
    if (name === undefined || isDown) return []
    // `inside` alone begins as trusted (security-level, command reference).
    return [{ name, level: level ?? (name === 'inside' ? 100 : 0), own, nets: hints.places[name] ?? nets }]
  })
  // A name is given once; of a text that says it again the last counts.
  return [...new Map(found.map((one) => [one.name, one])).values()]
}

function isLevel(word: string): boolean {
  return /^\d{1,3}$/.test(word) && Number(word) <= 100
}

export function placesOf(
  interfaces: readonly Interface[],
  hints: ReadingHints,
  routes: readonly Route[] | undefined,
): readonly Place[] {
  return interfaces.map(({ name, own, nets }) => ({
    name,
    kind: 'interface',
    ...((hints.places[name] !== undefined || routes === undefined) && nets.length > 0 && { networks: nets }),
    own,
  }))
}

/** Networks of the interfaces and `route` lines; undefined without any such line: others may be learnt. */
export function routesOf(
  blocks: readonly Block[],
  interfaces: readonly Interface[],
  statements: Statements,
): readonly Route[] | undefined {
  const lines = blocks.flatMap((block): readonly Route[] => {
    const words = block.words.map((word) => word.toLowerCase())
    const isSix = words[0] === 'ipv6' && words[1] === 'route'
    if (words[0] !== 'route' && !isSix) return []
    statements.understood()
    // Routes into a tunnel are for what comes out of one.
    if (words.includes('tunneled')) return []
    const [out = '', to = '', mask = '', ...rest] = block.words.slice(isSix ? 2 : 1)
    const range = isSix ? cidrRange(to) : to === '0' ? everyAddress(4).sure[0] : netmaskRange(to, mask)
    if (range === undefined) return []
    const metric = Number(isSix ? rest[0] : rest[1]) || 1
    const isNowhere = out.toLowerCase() === 'null0'
    return [
      {
        ...{ to: range, metric, span: block.span },
        ...(isNowhere ? { kind: 'blackhole' as const } : { kind: 'unicast' as const, out }),
      },
    ]
  })
  const isLearnt = blocks.some(({ words: [first = '', second = ''] }) => /^router$/i.test(first) && second !== '')
  const [first] = lines
  if (first === undefined || isLearnt) return undefined
  const connected = interfaces.flatMap(({ name, nets }) =>
    nets.map((to): Route => ({ to, out: name, metric: 0, kind: 'unicast', span: first.span })),
  )
  return [...connected, ...lines]
}
