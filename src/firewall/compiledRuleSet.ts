import type { Addresses, AddressRange, PossibleAddresses } from './addresses.ts'
import { commonRanges, mergedRanges, rangesWithout } from './addresses.ts'
import type { Coordinates } from './coordinates.ts'
import { coordinates4, coordinates6 } from './coordinates.ts'
import type { Knowledge } from './judged.ts'
import type { PlaceMap } from './placeMap.ts'
import { loopback, placeMap } from './placeMap.ts'
import type { RuleSet } from './ruleset.ts'
import type { RuleTable, TableContext } from './ruleTable.ts'
import { ruleTable } from './ruleTable.ts'
import type { Unknown } from './unknown.ts'

/** A rule set with what is known of its tags and names, made ready to be asked many questions. */
export interface CompiledRuleSet extends TableContext {
  readonly ruleSet: RuleSet
  /** Undefined for a chain that the rule set does not have. */
  table(chain: string): RuleTable | undefined
  /** Places by what lies behind them, and routes. */
  places(family: 4 | 6): PlaceMap
}

/**
 * Kept as long as both the rule set and the knowledge are in use, and no longer: neither changes once made, so what is
 * compiled of them is theirs, and a hundred questions to a hundred thousand rules compile them once. Keyed by the rule
 * set and not by its lists of rules, because chains share coordinates.
 */
const compiled = new WeakMap<RuleSet, WeakMap<Knowledge, CompiledRuleSet>>()

/** Compiles a rule set, or gives what was compiled of the same two objects before. */
export function compiledRuleSet(ruleSet: RuleSet, knowledge: Knowledge): CompiledRuleSet {
  let byKnowledge = compiled.get(ruleSet)
  if (byKnowledge === undefined) {
    byKnowledge = new WeakMap()
    compiled.set(ruleSet, byKnowledge)
  }
  const before = byKnowledge.get(knowledge)
  if (before !== undefined) return before
  const made = compile(ruleSet, knowledge)
  byKnowledge.set(knowledge, made)
  return made
}

function compile(ruleSet: RuleSet, knowledge: Knowledge): CompiledRuleSet {
  const settledBefore = new Map<Addresses, { readonly addresses: Addresses; readonly isDated: boolean }>()
  const knownBefore = new Map<Unknown, readonly AddressRange[] | undefined>()
  const tables = new Map<string, RuleTable | undefined>()
  const maps: { 4?: PlaceMap; 6?: PlaceMap } = {}
  let line6: Coordinates | undefined
  const made: CompiledRuleSet = {
    ruleSet,
    coordinates(family) {
      if (family === 4) return coordinates4
      line6 ??= coordinates6(boundsOf(made))
      return line6
    },
    settled(addresses) {
      if (addresses.possible.length === 0) return { addresses, isDated: false }
      const before = settledBefore.get(addresses)
      if (before !== undefined) return before
      const settled = settle(addresses, knowledge)
      settledBefore.set(addresses, settled)
      return settled
    },
    known(because) {
      if (because.kind !== 'names' || because.names === undefined) return undefined
      if (!knownBefore.has(because)) knownBefore.set(because, addressesOfNames(because, knowledge))
      return knownBefore.get(because)
    },
    table(chain) {
      if (!tables.has(chain)) {
        const rules = Object.hasOwn(ruleSet.chains, chain) ? ruleSet.chains[chain] : undefined
        tables.set(chain, rules === undefined ? undefined : ruleTable(rules, made))
      }
      return tables.get(chain)
    },
    places(family) {
      maps[family] ??= placeMap(ruleSet, made.coordinates(family))
      return maps[family]
    },
  }
  return made
}

/** Replaces the tags of which a table has the content. */
function settle(
  addresses: Addresses,
  knowledge: Knowledge,
): { readonly addresses: Addresses; readonly isDated: boolean } {
  const sure: AddressRange[] = [...addresses.sure]
  const possible: PossibleAddresses[] = []
  let isDated = false
  for (const part of addresses.possible) {
    const { tag } = part.because
    const found = part.because.kind === 'tag' && tag !== undefined ? knowledge.tag(tag) : undefined
    if (found === undefined) {
      possible.push(part)
      continue
    }
    isDated = true
    const inTag = mergedRanges(found.addresses.sure)
    const open = found.addresses.possible
    const mayBeInTag = mergedRanges([...inTag, ...open.flatMap(({ within }) => within)])
    const within = mergedRanges(part.within)
    if (part.inverted === true) sure.push(...rangesWithout(within, mayBeInTag))
    else sure.push(...commonRanges(within, inTag))
    for (const nested of open) {
      const rest = commonRanges(rangesWithout(within, inTag), mergedRanges(nested.within))
      if (rest.length === 0) continue
      const isInverted = (nested.inverted === true) !== (part.inverted === true)
      possible.push({ within: rest, because: nested.because, ...(isInverted && { inverted: true as const }) })
    }
  }
  return { addresses: { sure: mergedRanges(sure), possible }, isDated }
}

/** The addresses of names, where each is one name and a table has it. */
function addressesOfNames({ names = [] }: Unknown, knowledge: Knowledge): readonly AddressRange[] | undefined {
  const ranges: AddressRange[] = []
  for (const { name, covers } of names) {
    const found = covers === 'exactly' ? knowledge.name(name) : undefined
    if (found === undefined) return undefined
    ranges.push(...found.addresses)
  }
  return names.length === 0 ? undefined : mergedRanges(ranges)
}

/** Every range whose bounds the rule set tells apart. */
function* boundsOf(made: CompiledRuleSet): Generator<AddressRange> {
  const { ruleSet } = made
  const seen = new Set<Addresses>()
  const of = function* (addresses: Addresses | undefined): Generator<AddressRange> {
    if (addresses === undefined || seen.has(addresses)) return
    seen.add(addresses)
    const settled = made.settled(addresses).addresses
    yield* settled.sure
    for (const { within, because } of settled.possible) {
      yield* within
      yield* made.known(because) ?? []
    }
  }
  yield* loopback
  for (const rules of Object.values(ruleSet.chains)) {
    for (const { match } of rules) {
      yield* of(match.source)
      yield* of(match.destination)
    }
  }
  for (const { attachedTo } of ruleSet.stages) yield* of(attachedTo)
  for (const { networks = [], own = [] } of ruleSet.places) {
    yield* networks
    yield* own
  }
  for (const { to } of ruleSet.routes ?? []) yield to
}
