import type { Addresses, AddressRange } from '../../src/firewall/addresses.ts'
import type { BddSet } from '../../src/firewall/bdd.ts'
import { Bdd, everything, nothing } from '../../src/firewall/bdd.ts'
import type { NumberRange, Rule, RuleSet } from '../../src/firewall/ruleset.ts'

/** Packets of one family that can come to each end, over all ways to settle what is open: what is in two may be either. */
export interface BddOutcomes {
  readonly allow: BddSet
  readonly drop: BddSet
  readonly reject: BddSet
}

/** A box of packets as ranges. Ports are 0 for protocols that have none. */
export interface PacketBox {
  readonly source?: readonly AddressRange[]
  readonly destination?: readonly AddressRange[]
  readonly protocols?: readonly NumberRange[]
  readonly sourcePorts?: readonly NumberRange[]
  readonly destinationPorts?: readonly NumberRange[]
}

/**
 * Packets as strings of bits: destination, source, destination port, source port, protocol, in this order, which keeps
 * the diagrams of rule lists small.
 */
export class PacketBits {
  readonly bdd: Bdd
  readonly family: 4 | 6
  readonly #address: number

  constructor(family: 4 | 6) {
    this.family = family
    this.#address = family === 4 ? 32 : 128
    this.bdd = new Bdd(2 * this.#address + 40)
  }

  setOf({ source, destination, protocols, sourcePorts, destinationPorts }: PacketBox): BddSet {
    const { bdd } = this
    const address = this.#address
    const after = 2 * address
    return [
      this.#numbers(0, address, this.#ofFamily(destination)),
      this.#numbers(address, address, this.#ofFamily(source)),
      this.#numbers(after, 16, destinationPorts),
      this.#numbers(after + 16, 16, sourcePorts),
      this.#numbers(after + 32, 8, protocols),
    ].reduce((all, set) => bdd.and(all, set), everything)
  }

  #ofFamily(ranges: readonly AddressRange[] | undefined): readonly AddressRange[] | undefined {
    return ranges?.filter(({ family }) => family === this.family)
  }

  #numbers(at: number, bits: number, ranges: readonly { first: bigint | number; last: bigint | number }[] | undefined) {
    if (ranges === undefined) return everything
    return ranges.reduce((all, { first, last }) => this.bdd.or(all, this.bdd.range(at, bits, first, last)), nothing)
  }
}

/**
 * Walks all packets of one family at once through the filter stages that lie in `forward` and behind it, and that keep
 * the state of connections. First packets only; of the conditions, those on addresses, ports, protocol and state.
 */
export function bddOutcomes(space: PacketBits, ruleSet: RuleSet): BddOutcomes {
  const { bdd } = space
  let drop = nothing
  let reject = nothing
  let onward = everything
  for (const { chain, otherwise } of ruleSet.stages) {
    const ended: Ends = { allow: nothing, drop: nothing, reject: nothing }
    const fell = walkChain(space, ruleSet, chain, onward, ended)
    for (const end of otherwise.action === 'unknown' ? (['allow', 'drop'] as const) : [otherwise.action]) {
      ended[end] = bdd.or(ended[end], fell)
    }
    drop = bdd.or(drop, ended.drop)
    reject = bdd.or(reject, ended.reject)
    onward = ended.allow
  }
  return { allow: onward, drop, reject }
}

type Ends = { -readonly [End in keyof BddOutcomes]: BddSet }

/** @returns what can come out of the chain undecided */
function walkChain(space: PacketBits, ruleSet: RuleSet, chain: string, reach: BddSet, ends: Ends): BddSet {
  const { bdd } = space
  let left = reach
  let fell = nothing
  for (const rule of ruleSet.chains[chain] ?? []) {
    const { action } = rule
    const can = bdd.and(left, boundsOf(space, rule, 'possible'))
    const rest = bdd.without(left, boundsOf(space, rule, 'sure'))
    switch (action.kind) {
      case 'allow':
      case 'drop':
      case 'reject':
        ends[action.kind] = bdd.or(ends[action.kind], can)
        left = rest
        break
      case 'return':
        fell = bdd.or(fell, can)
        left = rest
        break
      case 'jump':
        left = bdd.or(rest, walkChain(space, ruleSet, action.chain, can, ends))
        break
      case 'goto':
        fell = bdd.or(fell, walkChain(space, ruleSet, action.chain, can, ends))
        left = rest
        break
      case 'unknown':
        ends.allow = bdd.or(ends.allow, can)
        ends.drop = bdd.or(ends.drop, can)
        break
      default:
        break
    }
  }
  return bdd.or(fell, left)
}

function boundsOf(space: PacketBits, { match, unknowns }: Rule, bound: 'sure' | 'possible'): BddSet {
  if (match.family !== undefined && match.family !== space.family) return nothing
  if (match.states !== undefined && !match.states.includes('new')) return nothing
  if (match.tcpFlags?.every(({ mask, value }) => (2 & mask) !== value) === true) return nothing
  if (bound === 'sure' && unknowns.length > 0) return nothing
  const { source, destination, protocols, sourcePorts, destinationPorts } = match
  return space.setOf({
    ...(source !== undefined && { source: addressBounds(source, bound) }),
    ...(destination !== undefined && { destination: addressBounds(destination, bound) }),
    ...(protocols !== undefined && { protocols }),
    ...(sourcePorts !== undefined && { sourcePorts }),
    ...(destinationPorts !== undefined && { destinationPorts }),
  })
}

function addressBounds({ sure, possible }: Addresses, bound: 'sure' | 'possible'): readonly AddressRange[] {
  return bound === 'sure' ? sure : [...sure, ...possible.flatMap(({ within }) => within)]
}
