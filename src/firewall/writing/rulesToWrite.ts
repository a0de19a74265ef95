import type { AddressRange } from '../addresses.ts'
import { mergedRanges } from '../addresses.ts'
import type { Passage } from '../judged.ts'
import type { NotPermitted, Permit } from '../permit.ts'
import type { NumberRange } from '../ruleset.ts'
import { intervalTexts } from './addressTexts.ts'
import { portTexts } from './portTexts.ts'

/** How a rule says one of its ends. */
export type SaidEnd =
  | { readonly kind: 'names'; readonly names: readonly string[] }
  | { readonly kind: 'tag'; readonly tag: string; readonly ranges: readonly AddressRange[] }
  | {
      readonly kind: 'prefixes'
      readonly ranges: readonly AddressRange[]
      readonly asOf?: string
      readonly source?: string
    }

/** One rule for the permits that come to the same in the platform's words. */
export interface RuleToWrite {
  /** Of the first permit: unique among the rules of one plan. */
  readonly id: string
  readonly permits: readonly [Permit, ...Permit[]]
  readonly passage: Passage
  readonly from: SaidEnd
  readonly to: SaidEnd
  readonly transport: Permit['transport']
  readonly ports: readonly NumberRange[]
  readonly request: Permit['request']
}

/** What a platform's rules can say, and how it is called where they cannot. */
export interface Platform {
  /** `nftables`: goes on to `… takes no names`. */
  readonly called: string
  /** In the order in which they are taken; addresses of the site's own hosts come before all of them. */
  readonly says: readonly ('names' | 'tags' | 'prefixes')[]
  /** Whether a name can be said: a star, a port or a transport that the platform's names cannot have. */
  readonly takesName?: (name: string, permit: Permit) => boolean
  /** What of the same maker takes a name that these rules do not take, as an order in words. */
  readonly insteadOfName?: string
}

/** The rules, and the permits for which the platform has none. */
export interface RulesToWrite {
  readonly rules: readonly RuleToWrite[]
  readonly notSaid: readonly NotPermitted[]
}

/**
 * Chooses how each end is said, and joins permits that come to one rule: dozens of names that are served at the same
 * addresses, or names that one rule can list.
 */
export function rulesToWrite(permits: readonly Permit[], usual: Passage, platform: Platform): RulesToWrite {
  const notSaid: NotPermitted[] = []
  const rules = new Map<string, RuleToWrite>()
  for (const permit of permits) {
    const from = saidSource(permit, platform)
    const to = saidTarget(permit, platform)
    if (from === undefined || to === undefined) {
      notSaid.push(...notSaidOf(permit, platform))
      continue
    }
    const { transport, ports, request } = permit
    const passage = permit.passage ?? usual
    // What a proxy is asked for differs by how; everywhere else it is the port that tells.
    const key = JSON.stringify([passage, endKey(from), endKey(to), transport, portTexts(ports)])
    const before = rules.get(key)
    rules.set(
      key,
      before === undefined
        ? { id: permit.id, permits: [permit], passage, from, to, transport, ports, request }
        : { ...before, permits: [...before.permits, permit], to: joined(before.to, to) },
    )
  }
  return { rules: [...rules.values()], notSaid }
}

function saidTarget(permit: Permit, { says, takesName }: Platform): SaidEnd | undefined {
  const { ranges, name, tag, asOf, source } = permit.to
  const dated = {
    kind: 'prefixes' as const,
    ranges,
    ...(asOf !== undefined && { asOf }),
    ...(source !== undefined && { source }),
  }
  // What the site itself says of its hosts does not go stale, and needs no resolver.
  if (ranges.length > 0 && asOf === undefined && says.includes('prefixes')) return dated
  for (const word of says) {
    if (word === 'names' && name !== undefined && takesName?.(name, permit) !== false)
      return { kind: 'names', names: [name] }
    if (word === 'tags' && tag !== undefined) return { kind: 'tag', tag, ranges }
    if (word === 'prefixes' && ranges.length > 0) return dated
  }
  return undefined
}

function saidSource({ from: { ranges, tag, asOf, source } }: Permit, { says }: Platform): SaidEnd | undefined {
  if (tag !== undefined && says.includes('tags')) return { kind: 'tag', tag, ranges }
  if (ranges.length === 0) return undefined
  return { kind: 'prefixes', ranges, ...(asOf !== undefined && { asOf }), ...(source !== undefined && { source }) }
}

function endKey(end: SaidEnd): unknown {
  switch (end.kind) {
    case 'names':
      return 'names'
    case 'tag':
      return ['tag', end.tag]
    case 'prefixes':
      return intervalTexts(end.ranges)
    default:
      return end satisfies never
  }
}

/** A tag stands for what all of its permits have; names are listed together. */
function joined(one: SaidEnd, other: SaidEnd): SaidEnd {
  if (one.kind === 'tag' && other.kind === 'tag' && one.ranges !== other.ranges) {
    return { ...one, ranges: mergedRanges([...one.ranges, ...other.ranges]) }
  }
  if (one.kind !== 'names' || other.kind !== 'names') return one
  return { kind: 'names', names: [...new Set([...one.names, ...other.names])] }
}

/** One line for each flow: they are what the reader of the plan knows. */
function notSaidOf(permit: Permit, { called, says, insteadOfName }: Platform): readonly NotPermitted[] {
  const { name, label } = permit.to
  const takes = says.includes('names') ? 'takes no such name' : 'takes no names'
  const why =
    name === undefined
      ? `nothing is known of the addresses of ${label}`
      : `no list has the addresses of ${name}, and ${called} ${takes}`
  const instead =
    name === undefined
      ? `give the addresses of ${label} in the site file`
      : `${insteadOfName === undefined ? '' : `${insteadOfName}, `}leave the choice of names to a proxy and let that one out at these ports, or give its addresses with --names FILE`
  return permit.flows.map((flow) => ({
    flow,
    permit: permit.id,
    ...(name !== undefined && { name }),
    why,
    instead,
  }))
}
