import { intersectionOf } from '../../addresses.ts'
import { commonNumbers } from '../../numberRanges.ts'
import type { Match, Places } from '../../ruleset.ts'
import type { Unknown } from '../../unknown.ts'

/**
 * One way in which a rule of netfilter can match. A rule with a set of address and port pairs has one way for each pair.
 */
export interface Way {
  readonly match: Match
  readonly unknowns: readonly Unknown[]
  /** What must not hold: a negated set of pairs, which one match cannot say. */
  readonly except?: readonly Way[]
}

export const always: readonly Way[] = Object.freeze([{ match: {}, unknowns: [] }])

/** Ways that one rule may have; a rule with more becomes one of which nobody knows whether it matches. */
export const mostWays = 20_000

/** A condition of which only is known what it depends on. */
export function depends(unknown: Unknown, match: Match = {}): readonly Way[] {
  return [{ match, unknowns: [unknown] }]
}

/** Ways in which one condition and another hold; empty: they never do. Undefined above {@link mostWays}. */
export function bothOf(some: readonly Way[], others: readonly Way[]): readonly Way[] | undefined {
  if (some.length * others.length > mostWays) return undefined
  return some.flatMap((a) =>
    others.flatMap((b) => {
      const joined = joinedMatch(a.match, b.match)
      if (joined === undefined) return []
      const except = [...(a.except ?? []), ...(b.except ?? [])]
      return [
        {
          match: joined.match,
          unknowns: distinct([...a.unknowns, ...b.unknowns, ...joined.unknowns]),
          ...(except.length > 0 && { except }),
        },
      ]
    }),
  )
}

function distinct(unknowns: readonly Unknown[]): readonly Unknown[] {
  return unknowns.filter(
    (one, at) => unknowns.findIndex(({ kind, what }) => kind === one.kind && what === one.what) === at,
  )
}

interface Joined {
  readonly match: Match
  readonly unknowns: readonly Unknown[]
}

/** What asks for all that two matches ask for; undefined where no packet can have both. */
function joinedMatch(a: Match, b: Match): Joined | undefined {
  if (Object.keys(a).length === 0) return { match: b, unknowns: [] }
  if (Object.keys(b).length === 0) return { match: a, unknowns: [] }
  if (a.family !== undefined && b.family !== undefined && a.family !== b.family) return undefined
  const unknowns: Unknown[] = []
  const joined: { -readonly [Key in keyof Match]: Match[Key] } = { ...a, ...b }
  for (const key of ['protocols', 'sourcePorts', 'destinationPorts'] as const) {
    const [one, other] = [a[key], b[key]]
    if (one === undefined || other === undefined) continue
    const common = commonNumbers(one, other)
    if (common.length === 0) return undefined
    joined[key] = common
  }
  for (const key of ['source', 'destination'] as const) {
    const [one, other] = [a[key], b[key]]
    if (one === undefined || other === undefined) continue
    const common = intersectionOf(one, other)
    if (common.sure.length === 0 && common.possible.length === 0) return undefined
    joined[key] = common
  }
  for (const key of ['in', 'out'] as const) {
    const [one, other] = [a[key], b[key]]
    if (one === undefined || other === undefined) continue
    const common = commonPlaces(one, other)
    if (common === 'unknown') {
      unknowns.push({
        kind: 'place',
        what: `whether an interface is both of ${placesText(one)} and of ${placesText(other)}`,
      })
      joined[key] = one
    } else if (common.inverted !== true && common.names.length === 0) return undefined
    else joined[key] = common
  }
  if (a.states !== undefined && b.states !== undefined) {
    const common = a.states.filter((state) => b.states?.includes(state) === true)
    if (common.length === 0) return undefined
    joined.states = common
  }
  if (a.tcpFlags !== undefined && b.tcpFlags !== undefined) {
    const common = a.tcpFlags.flatMap((one) =>
      (b.tcpFlags ?? []).flatMap((other) =>
        (one.mask & other.mask & (one.value ^ other.value)) === 0
          ? [{ mask: one.mask | other.mask, value: one.value | other.value }]
          : [],
      ),
    )
    if (common.length === 0) return undefined
    joined.tcpFlags = common
  }
  if (a.icmp !== undefined && b.icmp !== undefined) {
    const common = a.icmp.flatMap((one) =>
      (b.icmp ?? []).flatMap((other) => {
        const [type] = commonNumbers([one.type], [other.type])
        const code =
          one.code === undefined || other.code === undefined ? undefined : commonNumbers([one.code], [other.code])
        if (type === undefined || code?.length === 0) return []
        const only = code?.[0] ?? one.code ?? other.code
        return [only === undefined ? { type } : { type, code: only }]
      }),
    )
    if (common.length === 0) return undefined
    joined.icmp = common
  }
  if (a.tagged !== undefined && b.tagged !== undefined) {
    const isSame = a.tagged.tag === b.tagged.tag
    if (isSame && a.tagged.not !== b.tagged.not) return undefined
    if (!isSame) unknowns.push({ kind: 'packet', what: 'two marks of the packet' })
  }
  return { match: joined, unknowns }
}

function placesText({ names, inverted }: Places): string {
  return `${inverted === true ? 'all but ' : ''}${names.join(', ')}`
}

/** Interfaces that two conditions name. */
function commonPlaces(a: Places, b: Places): Places | 'unknown' {
  if (a.inverted === true && b.inverted === true) {
    return { names: [...new Set([...a.names, ...b.names])], inverted: true }
  }
  if (a.inverted === true) return commonPlaces(b, a)
  if (b.inverted === true) {
    // A pattern of which only some names are left out is not to be said by names.
    if (
      a.names.some(
        (name) => name.endsWith('*') && b.names.some((other) => overlaps(name, other) && !covers(other, name)),
      )
    ) {
      return 'unknown'
    }
    return { names: a.names.filter((name) => !b.names.some((other) => covers(other, name))) }
  }
  const names = a.names.flatMap((name) =>
    b.names.flatMap((other) => (covers(other, name) ? [name] : covers(name, other) ? [other] : [])),
  )
  return { names: [...new Set(names)] }
}

function covers(pattern: string, name: string): boolean {
  return pattern === name || (pattern.endsWith('*') && name.startsWith(pattern.slice(0, -1)))
}

function overlaps(a: string, b: string): boolean {
  return covers(a, b) || covers(b, a)
}
